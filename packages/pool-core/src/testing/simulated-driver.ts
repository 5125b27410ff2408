/**
 * Owns a driver without a database: connections that live on a given clock and go wrong by seed or by script.
 * It must never know the pool that it tests.
 */
import type { CallContext, Clock, Random, Timers } from '@cryo/resilience';
import type { Driver } from '../driver.ts';
import { type CallKind, GroundTruth, type Misuse, type SimulatedConnection } from './ground-truth.ts';
import { playCall, type Stage } from './simulated-call.ts';
import { type ServerBehaviour, SimulatedError, SimulatedServer } from './simulated-server.ts';

/** What a simulated driver is made of. */
export interface SimulatedDriverOptions {
  /** What its times are read from: the pool's. */
  readonly clock: Clock;
  /** On these the answers of the server arrive. */
  readonly timers: Timers;
  /** Draws latencies and faults: a seeded one makes every run repeatable. */
  readonly random: Random;
  /** What telemetry calls the system. Default `simulated`. */
  readonly name?: string;
  /** Latencies and faults. Default: 1 ms each, no faults. */
  readonly behaviour?: ServerBehaviour;
  /** Whether the driver has a `reset`. Default true. */
  readonly resets?: boolean;
  /** Whether the driver has a `watch`. Default true. */
  readonly watches?: boolean;
}

/** How a connection breaks: `silently` is only found out by using it, `twice` reports the same break two times. */
export type BreakReport = 'silently' | 'once' | 'twice';

/** A driver, its far side, and the truth about both. */
export interface SimulatedDriver {
  /** What to give to `createPool`. */
  readonly driver: Driver<SimulatedConnection>;
  /** Switches the state of the server and scripts its answers. */
  readonly server: SimulatedServer;
  /** What really happened. */
  readonly truth: GroundTruth;
  /** Kills a connection on the server's side. */
  breakConnection(connection: SimulatedConnection, report: BreakReport): void;
  /** Marks a connection as in a lease, so that the truth notices driver calls that disturb it. The ledger does this. */
  setLent(connection: SimulatedConnection, lent: 'lent' | 'home'): void;
}

/**
 * A `Driver` for tests: no I/O, no real time, every fault on demand.
 *
 * @example
 * ```ts
 * const clock = new VirtualClock();
 * const { driver, server, truth } = simulatedDriver({ clock, timers: clock, random: seededRandom(1) });
 * const pool = createPool({ name: 'orders', driver, clock, timers: clock });
 * server.become({ kind: 'refusing' });
 * server.script('check', { kind: 'hang' });
 * await clock.advance(1_000);
 * truth.dials.length;
 * ```
 */
export function simulatedDriver(options: SimulatedDriverOptions): SimulatedDriver {
  const server = new SimulatedServer(options.random, options.behaviour ?? {});
  const truth = new GroundTruth();
  const desk = new Desk(options, server, truth);
  const driver: Driver<SimulatedConnection> = {
    name: options.name ?? 'simulated',
    open: (context) => desk.open(context),
    check: (connection, context) => desk.check(connection as Line, context),
    close: (connection, context) => desk.close(connection as Line, context),
    destroy: (connection) => desk.destroy(connection as Line),
    classify: (error) => (error instanceof SimulatedError ? error.errorClass : undefined),
  };
  if (options.resets ?? true) driver.reset = (connection, context) => desk.reset(connection as Line, context);
  if (options.watches ?? true) driver.watch = (connection, broken) => desk.watch(connection as Line, broken);
  return {
    driver,
    server,
    truth,
    breakConnection: (connection, report) => desk.breakConnection(connection as Line, report),
    setLent(connection, lent) {
      (connection as Line).lent = lent === 'lent';
    },
  };
}

/** The writable side of a connection. */
class Line implements SimulatedConnection {
  readonly id: number;
  readonly query: () => Promise<void>;
  session: string | undefined;
  state: SimulatedConnection['state'] = 'open';
  alive = true;
  lent = false;
  stillborn = false;
  calls = 0;
  broken: ((error: unknown) => void) | undefined;

  constructor(id: number, query: (line: Line) => Promise<void>) {
    this.id = id;
    this.query = () => query(this);
  }
}

/** Where every call of the driver arrives. */
class Desk {
  readonly #stage: Stage;
  readonly #server: SimulatedServer;
  readonly #truth: GroundTruth;
  readonly #random: Random;

  constructor({ clock, timers, random }: SimulatedDriverOptions, server: SimulatedServer, truth: GroundTruth) {
    this.#stage = { clock, timers, server, truth };
    this.#server = server;
    this.#truth = truth;
    this.#random = random;
  }

  open(context: CallContext): Promise<SimulatedConnection> {
    const record = this.#truth.callStarted('open', 0, this.#now(), context.deadline);
    const fate = this.#server.decide('open', undefined);
    const finish = (): SimulatedConnection => this.#arrive(fate.kind === 'stillborn');
    return playCall(this.#stage, { record, context, fate, finish });
  }

  check(line: Line, context: CallContext): Promise<void> {
    return this.#use('check', line, context, () => {});
  }

  reset(line: Line, context: CallContext): void | Promise<void> {
    const clean = line.session === undefined && line.alive && this.#random() < 0.5;
    if (clean) return this.#judgeUse('reset', line);
    return this.#use('reset', line, context, () => {
      line.session = undefined;
    });
  }

  close(line: Line, context: CallContext): Promise<void> {
    if (line.state === 'open') line.state = 'closing';
    else this.#misused('ended-twice', line, `close() of a connection that is ${line.state}`);
    const record = this.#truth.callStarted('close', line.id, this.#now(), context.deadline);
    const fate = this.#server.decide('close', line);
    return playCall(this.#stage, { record, context, fate, finish: () => this.#end(line) });
  }

  destroy(line: Line): void {
    if (line.state === 'ended') this.#misused('ended-twice', line, 'destroy() of a connection that has ended');
    this.#end(line);
    const { destroy } = this.#server.behaviour;
    if (this.#server.happens(destroy?.reports)) this.breakConnection(line, 'once');
    if (this.#server.happens(destroy?.throws)) throw new SimulatedError('destroy failed');
  }

  watch(line: Line, broken: (error: unknown) => void): () => void {
    if (line.broken !== undefined) this.#misused('watch', line, 'watch() of a connection that is watched');
    line.broken = broken;
    this.#truth.watches++;
    if (line.stillborn) this.breakConnection(line, 'twice');
    return () => {
      if (line.broken === undefined) return;
      if (line.state === 'open') this.#misused('watch', line, 'a watch removed before close() or destroy()');
      line.broken = undefined;
      this.#truth.watches--;
    };
  }

  breakConnection(line: Line, report: BreakReport): void {
    line.alive = false;
    if (report === 'silently') return;
    const error = new SimulatedError('the server closed the connection', 'connection-lost');
    line.broken?.(error);
    if (report === 'twice') line.broken?.(error);
  }

  #now(): number {
    return this.#stage.clock.now();
  }

  #arrive(stillborn: boolean): SimulatedConnection {
    const { state } = this.#server;
    if (state.kind === 'overloaded' && this.#truth.alive() >= state.places) {
      throw new SimulatedError('too many connections', 'overloaded');
    }
    const line = new Line(++this.#truth.openedCount, (asked) => this.#query(asked));
    line.stillborn = stillborn;
    this.#truth.held.add(line);
    return line;
  }

  #end(line: Line): void {
    line.state = 'ended';
    line.alive = false;
    this.#truth.held.delete(line);
  }

  #use(kind: 'check' | 'reset', line: Line, context: CallContext, finish: () => void): Promise<void> {
    this.#judgeUse(kind, line);
    const record = this.#truth.callStarted(kind, line.id, this.#now(), context.deadline);
    let fate = this.#server.decide(kind, line);
    if (fate.kind === 'break') {
      this.breakConnection(line, 'twice');
      fate = { kind: 'fail', error: new SimulatedError(`${kind} broke the connection`, 'connection-lost') };
    }
    line.calls++;
    const ended = (): void => {
      line.calls--;
    };
    return playCall(this.#stage, { record, context, fate, finish, ended });
  }

  #judgeUse(kind: CallKind, line: Line): void {
    if (line.state !== 'open') this.#misused('call-after-end', line, `${kind}() of a connection that is ${line.state}`);
    if (line.lent) this.#misused('lease-disturbed', line, `${kind}() of a connection that is in a lease`);
    if (line.calls > 0) this.#misused('overlapping-calls', line, `${kind}() while another call is running`);
  }

  #misused(kind: Misuse['kind'], line: Line, message: string): void {
    this.#truth.misused(kind, line.id, this.#now(), message);
  }

  #query(line: Line): Promise<void> {
    const fate = this.#server.decide('query', line);
    if (fate.kind === 'hang') return new Promise(() => {});
    if (fate.kind === 'throw') return Promise.reject(fate.error);
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        if (fate.kind === 'fail') reject(fate.error);
        else if (line.alive) resolve();
        else reject(new SimulatedError('the connection died under the query', 'connection-lost'));
      };
      this.#stage.timers.set(this.#server.latencyMs('query'), answer, { background: false });
    });
  }
}
