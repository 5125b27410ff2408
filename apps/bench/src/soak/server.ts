/**
 * Owns a soak on a real server: workers that never rest, one trouble after another, and whether the pool came through each.
 * It must never know what a trouble is, nor how a pool is asked.
 */
import type { ConnectionCounts } from '@cryo/pool-core';
import { seededRandom } from '@cryo/resilience/testing';
import { type ChaosProxy, startProxy } from '@cryo/testkit/chaos';
import { CALLER } from '../chaos/stage/side-door.ts';
import { Stage } from '../chaos/stage/stage.ts';
import { type SoakedServer, type SoakGround, type SoakSubject, SUBJECTS } from './subjects.ts';
import { TROUBLE_MS, TROUBLES, type Trouble } from './troubles.ts';
import { pause, type SoakCounts, type SoakWorld } from './world.ts';

const WORKERS = 40;
/** Between two troubles, once the pool has come through the first. */
const CALM_MS = 1_000;
/** More than any deadline of the pool and of a statement together. */
const PATIENCE_MS = 15_000;
const BALANCED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const ABORTED_SHARE = 0.01;
const REFUSED_PAUSE_MS = 20;

export interface ServerSoakOptions extends Pick<SoakGround, 'wrapDriver'> {
  /** What befalls the server, in any order, again and again. Default: everything. */
  readonly troubles?: readonly Trouble[];
  /**
   * Within what time the pool and the server have to count the same, in ms. Default 10 s: a transaction that nobody waits for
   * any more may take five to end.
   */
  readonly balancedWithinMs?: number;
}

export class ServerSoak implements SoakWorld {
  readonly counts: SoakCounts = { asked: 0, granted: 0, refused: 0 };
  readonly faults: string[] = [];
  readonly #stage: Stage;
  readonly #proxy: ChaosProxy;
  readonly #troubles: readonly Trouble[];
  readonly #balancedWithinMs: number;
  readonly #subject: SoakSubject;
  readonly #random = seededRandom(1);
  #running = 0;
  #word: string = CALLER.password;
  #state: 'running' | 'ending' = 'running';
  #left = { sessions: 0, links: 0 };

  private constructor(kind: SoakedServer, stage: Stage, proxy: ChaosProxy, options: ServerSoakOptions) {
    const { troubles = TROUBLES, balancedWithinMs = BALANCED_WITHIN_MS, ...own } = options;
    this.#balancedWithinMs = balancedWithinMs;
    this.#stage = stage;
    this.#proxy = proxy;
    this.#troubles = troubles;
    const { host, port } = proxy;
    const { database } = stage.house.server;
    this.#subject = SUBJECTS[kind]({ host, port, user: CALLER.user, database, password: () => this.#word, ...own });
  }

  /** A server of its own, and a proxy before it. @throws Error that says why there can be no server here. */
  static async set(kind: SoakedServer, options: ServerSoakOptions = {}): Promise<ServerSoak> {
    const stage = await Stage.set(kind === 'mysql' ? 'mariadb' : 'postgres');
    return new ServerSoak(kind, stage, await startProxy({ target: stage.house.server }), options);
  }

  get pool(): SoakSubject['pool'] {
    return this.#subject.pool;
  }

  start(): void {
    const lives = [...Array.from({ length: WORKERS }, () => this.#work()), this.#disturb()];
    this.#running = lives.length;
    for (const life of lives) void life.finally(() => this.#running--);
  }

  /** What is not answered by then stays unanswered, and is counted as that. */
  async end(): Promise<void> {
    this.#state = 'ending';
    await this.#within(2 * PATIENCE_MS, () => this.#running === 0);
    await this.pool.close({ timeoutMs: 2_000 });
    const look = async () => {
      this.#left = { sessions: await this.#stage.sessions(), links: this.#proxy.counts().links };
      return this.#left.sessions === 0 && this.#left.links === 0;
    };
    await this.#within(this.#balancedWithinMs, look);
    await this.#proxy.remove();
    await this.#stage.strike();
  }

  left(): Readonly<Record<string, number>> {
    return this.#left;
  }

  async #work(): Promise<void> {
    const { counts } = this;
    const { works, abort } = this.#subject;
    while (this.#state === 'running') {
      counts.asked++;
      try {
        await (this.#random.chance(ABORTED_SHARE) ? abort() : this.#random.pick(works)());
        counts.granted++;
      } catch {
        counts.refused++;
        await pause(this.#random() * REFUSED_PAUSE_MS);
      }
    }
  }

  async #disturb(): Promise<void> {
    let coming: Trouble[] = [];
    while (this.#state === 'running') {
      if (coming.length === 0) coming = [...this.#troubles];
      const [trouble] = coming.splice(Math.floor(this.#random() * coming.length), 1);
      if (trouble !== undefined) await this.#suffer(trouble);
      if (this.#random.chance(0.2)) this.pool.recycle();
      await pause(CALM_MS);
    }
  }

  /** Nothing of a trouble stays: somebody is served again, and the server counts as many sessions as the pool. */
  async #suffer(trouble: Trouble): Promise<void> {
    const { house } = this.#stage;
    const ground = { ...house, proxy: this.#proxy, useWord: (word: string) => this.#useWord(word) };
    try {
      await trouble.begin(ground);
      if (trouble.end !== undefined) await pause(TROUBLE_MS);
      await trouble.end?.(ground);
    } catch (error) {
      this.faults.push(`${trouble.name} could not be brought about: ${error instanceof Error ? error.message : error}`);
      return;
    }
    await this.#confirmService(trouble);
    await this.#confirmBalance(trouble);
  }

  async #confirmService({ name }: Trouble): Promise<void> {
    const { granted } = this.counts;
    // Once the workers go home, nobody asks.
    const isServed = () => this.counts.granted > granted || this.#state === 'ending';
    if (await this.#within(PATIENCE_MS, isServed)) return;
    this.faults.push(`nobody was served within ${PATIENCE_MS} ms after ${name}`);
  }

  async #confirmBalance({ name }: Trouble): Promise<void> {
    let counted = '';
    const isBalanced = async () => {
      const sessions = await this.#stage.sessions();
      const { connections, live, oldestLeaseMs } = this.pool.snapshot();
      const longest = `longest lease ${Math.round(oldestLeaseMs)} ms`;
      counted = `${sessions} sessions on the server, and the pool has ${describe(connections)}, ${longest}`;
      return sessions === live - connections.dialing;
    };
    if (await this.#within(this.#balancedWithinMs, isBalanced)) return;
    this.faults.push(`${counted}, ${this.#balancedWithinMs} ms after ${name}`);
  }

  #useWord(word: string): void {
    this.#word = word;
  }

  async #within(limitMs: number, isSo: () => boolean | Promise<boolean>): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    while (!(await isSo())) {
      if (performance.now() > untilMs) return false;
      await pause(LOOK_AGAIN_MS);
    }
    return true;
  }
}

function describe(connections: ConnectionCounts): string {
  const counted = Object.entries(connections).filter(([, count]) => count > 0);
  return counted.map(([state, count]) => `${count} ${state}`).join(', ');
}
