/**
 * Owns a TCP proxy on the loopback interface whose network can be made as bad as wanted, and good again.
 * It must never know the protocol that passes through it.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { OptionCheck } from '@cryo/resilience';
import { checkFault, type Fault } from './faults.ts';
import { FREE, type Pace } from './flow.ts';
import { Link } from './link.ts';

/** What makes a proxy. */
export interface ProxyOptions {
  /** Where the server listens. */
  readonly target: { readonly host: string; readonly port: number };
}

/** What a proxy has seen. */
export interface ProxyCounts {
  /** Dials that were accepted since the start; a refused one reaches nobody who could count it. */
  readonly accepted: number;
  /** Connections through the proxy of which a side is still open. */
  readonly links: number;
}

/** A TCP proxy before a server, on the loopback interface, whose network can be made bad and good again. */
export interface ChaosProxy extends AsyncDisposable {
  /** Where to dial it. */
  readonly host: string;
  /** Where to dial it. */
  readonly port: number;
  /** Makes the network bad, until `heal`; another fault takes the place of this one. @throws InvalidOptionsError */
  apply(fault: Fault): Promise<void>;
  /**
   * Makes the network good. After silence the links that stood go on where they stopped, unless `links` says `'dead'`: those
   * never say a word again, and only new ones work.
   */
  heal(options?: { readonly links?: 'alive' | 'dead' }): Promise<void>;
  /** Every link is reset, both ways, once. */
  resetLinks(): void;
  /** Every link loses its server without the client being told, once. */
  loseServers(): void;
  /** New links lead to another server, as after a failover; those that stand stay with the old one. */
  redirect(target: ProxyOptions['target']): void;
  /** What has passed, and what stands now. */
  counts(): ProxyCounts;
  /** Ends it and all its links. */
  remove(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Starts a proxy on a free port.
 *
 * @throws InvalidOptionsError for a target that is none
 */
export async function startProxy(options: ProxyOptions): Promise<ChaosProxy> {
  checkTarget(OptionCheck.read(options, 'target'));
  const proxy = new TcpProxy(options.target);
  await proxy.listen(0);
  return proxy;
}

function checkTarget(target: unknown): void {
  const check = new OptionCheck('startProxy');
  if (check.type('target', target, 'object')) {
    check.type('target.host', OptionCheck.read(target, 'host'), 'string');
    check.number('target.port', OptionCheck.read(target, 'port'), { min: 1, max: 65_535, integer: true, unit: '' });
  }
  check.throwIfFaulty();
}

class TcpProxy implements ChaosProxy {
  readonly host = HOST;
  port = 0;
  #target: ProxyOptions['target'];
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #pace: Pace = FREE;
  #accepted = 0;

  constructor(target: ProxyOptions['target']) {
    this.#target = target;
  }

  async listen(port: number): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server = server;
    server.listen(port, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  async apply(fault: Fault): Promise<void> {
    checkFault(fault);
    this.#setPace(paceOf(fault));
    if (fault.kind === 'refusal') this.#deafen();
    else await this.listen(this.port);
  }

  async heal({ links = 'alive' }: { links?: 'alive' | 'dead' } = {}): Promise<void> {
    if (links === 'dead') for (const link of this.#links) link.die();
    this.#setPace(FREE);
    await this.listen(this.port);
  }

  resetLinks(): void {
    for (const link of this.#links) link.reset();
  }

  loseServers(): void {
    for (const link of this.#links) link.loseServer();
  }

  redirect(target: ProxyOptions['target']): void {
    this.#target = target;
  }

  counts(): ProxyCounts {
    return { accepted: this.#accepted, links: this.#links.size };
  }

  async remove(): Promise<void> {
    this.#deafen();
    this.resetLinks();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const server = connect({ host: this.#target.host, port: this.#target.port, allowHalfOpen: true });
    const link = new Link(client, server, (ended) => this.#links.delete(ended));
    this.#links.add(link);
    link.pace = this.#pace;
  }

  #setPace(pace: Pace): void {
    this.#pace = pace;
    for (const link of this.#links) link.pace = pace;
  }

  /** The socket that listens is closed at once, so that a dial is refused by the system itself. */
  #deafen(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}

function paceOf(fault: Fault): Pace {
  switch (fault.kind) {
    case 'refusal':
      return FREE;
    case 'silence':
      return { ...FREE, held: true };
    case 'latency':
      return { ...FREE, delayMs: fault.ms };
    case 'bandwidth':
      return { ...FREE, bytesPerSecond: fault.bytesPerSecond };
  }
}
