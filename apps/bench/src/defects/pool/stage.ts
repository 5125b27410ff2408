/**
 * Owns what a case of the pools acts with: a server that does as it is told, acquires that are watched, time that passes.
 * It must never know a library, nor what a case asserts.
 */
import type { Connection, Held, Pool, PoolPlan, Server } from '../../pool/subject.ts';
import { Watched } from '../call.ts';
import { presume } from '../defect-case.ts';
import type { World } from '../world.ts';

/** Some libraries need several turns of the loop for one step. */
const TURNS = 12;

/** A server whose answers a case replaces, and which counts. */
class StagedServer implements Server {
  /** In the order in which they were opened. */
  readonly opened: Connection[] = [];
  readonly closed = new Set<Connection>();
  dials = 0;
  dialing = 0;
  dialPeak = 0;
  answerDial: (dial: number) => Promise<void> = async () => {};
  answerCheck: (connection: Connection) => Promise<void> = async () => {};

  /** Open and not closed. */
  get standing(): number {
    return this.opened.filter((connection) => !this.closed.has(connection)).length;
  }

  open(connection: Connection): Promise<void> {
    const dialed = this.answerDial(++this.dials);
    this.dialPeak = Math.max(this.dialPeak, ++this.dialing);
    const over = () => {
      this.dialing--;
    };
    dialed.then(over, over);
    return dialed.then(() => void this.opened.push(connection));
  }

  check(connection: Connection): Promise<void> {
    return this.answerCheck(connection);
  }

  async close(connection: Connection): Promise<void> {
    this.closed.add(connection);
  }
}

export class Stage {
  readonly world: World;
  readonly server = new StagedServer();
  readonly #start: (plan: PoolPlan) => Pool;

  constructor(world: World, start: (plan: PoolPlan) => Pool) {
    this.world = world;
    this.#start = start;
  }

  start(plan: Omit<PoolPlan, 'server'>): Pool {
    return this.#start({ server: this.server, ...plan });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await this.world.settle();
  }

  /** Lets time pass, and everything happen that follows. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    await this.world.advance(ms);
    await this.settle();
  }

  /** An acquire under way. One that throws instead of answering with a promise ends in that error, and is noted. */
  ask(pool: Pool, signal?: AbortSignal): Asked {
    return new Asked(pool, signal);
  }

  /** So many connections, all of them there and lent. */
  async take(pool: Pool, connections: number): Promise<readonly Asked[]> {
    const taken = Array.from({ length: connections }, () => this.ask(pool));
    await this.pass(1_000);
    presume(
      taken.every(({ isGranted }) => isGranted),
      `it did not lend ${connections} connections`,
    );
    return taken;
  }

  /** An acquire held for so long, then given back; its end is that of the promise. */
  async hold(pool: Pool, holdMs: number): Promise<void> {
    const held = await pool.acquire();
    await this.wait(holdMs);
    pool.release(held);
  }

  wait(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms));
  }
}

/** An acquire, and what became of it. */
export class Asked extends Watched {
  readonly #pool: Pool;
  thrown: unknown;

  constructor(pool: Pool, signal?: AbortSignal) {
    let thrown: unknown;
    let promise: Promise<Held>;
    try {
      promise = pool.acquire(signal);
    } catch (error) {
      thrown = error;
      promise = Promise.reject(error);
    }
    super(promise);
    this.#pool = pool;
    this.thrown = thrown;
  }

  get isPending(): boolean {
    return this.ending.kind === 'pending';
  }

  get isGranted(): boolean {
    return this.ending.kind === 'result';
  }

  get isRefused(): boolean {
    return this.ending.kind === 'error';
  }

  get error(): unknown {
    return this.ending.kind === 'error' ? this.ending.error : undefined;
  }

  get held(): Held {
    presume(this.ending.kind === 'result', 'it lent no connection');
    return (this.ending as { readonly value: Held }).value;
  }

  get connection(): Connection {
    return this.#pool.connectionOf(this.held);
  }

  /** Gives the connection back. What a library says against a second time is not heard here. */
  release(): void {
    try {
      Promise.resolve(this.#pool.release(this.held)).catch(() => {});
    } catch {
      // Some throw, some reject, some are silent: what counts is what becomes of the connection.
    }
  }
}
