/**
 * Owns what a pool can do on Node alone: it follows who asks for a second lease while holding a first.
 * It must never change what a pool does, but for refusing such a request where it was asked to.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { CryoError, OptionCheck } from '@cryo/resilience';
import { checkFlows, type Flows } from './flows.ts';
import type { Lease } from './lease.ts';
import { say } from './logger.ts';
import type { Logger } from './options.ts';
import type { Pool } from './pool.ts';
import { wrapPool } from './pool-wrapper.ts';
import { quietly } from './quietly.ts';
import type { AcquireOptions } from './request.ts';

export { deadlockFloor } from './flows.ts';

/** One request for a lease by somebody who holds others of the same pool. */
export interface NestedAcquire {
  /** The name of the pool. */
  readonly pool: string;
  /** The label of what is asked for, `undefined` without one. */
  readonly label: string | undefined;
  /** The labels of the leases that the asker holds, the outermost first. */
  readonly holds: readonly (string | undefined)[];
  /** All connections that are in the hands of somebody who waits for another one, this asker's included. */
  readonly held: number;
  /** The most connections of the pool. */
  readonly max: number;
  /** `deadlock`: all of them are, so nobody can ever give one back before its deadline. */
  readonly kind: 'nested' | 'deadlock';
  /** All of this in one sentence. */
  readonly message: string;
}

/** A lease was asked for by somebody who holds others, and `refuse` says that this is not to be. */
export class NestedAcquireError extends CryoError {
  /** Who asked, and what they hold. */
  readonly report: NestedAcquire;

  constructor(report: NestedAcquire) {
    super('NESTED_ACQUIRE', report.message);
    this.report = report;
  }

  override get name(): string {
    return 'NestedAcquireError';
  }
}

/** What is done about nested acquires. */
export interface NestedAcquireOptions {
  /** Told of each, before it waits. What it throws is ignored. */
  readonly report?: (nested: NestedAcquire) => void;
  /** Gets a line for each. */
  readonly logger?: Logger;
  /** Which of them are refused with a NestedAcquireError instead of waiting. Default `'none'`. */
  readonly refuse?: 'none' | 'deadlock' | 'nested';
  /** How the pool is used: a pool that is too small for it is a fault of these options. */
  readonly expect?: Flows;
}

/** A lease in somebody's hands. */
interface Held {
  readonly label: string | undefined;
  /** Whether it is still. */
  inForce(): boolean;
}

/** What runs within one lease, or one {@link flow}; it holds what is around it too. */
class Frame {
  readonly around: Frame | undefined;
  readonly #held = new Map<object, Set<Held>>();

  constructor(around: Frame | undefined) {
    this.around = around;
  }

  holds(pool: object, held: Held): () => void {
    const all = this.#held.get(pool) ?? new Set();
    this.#held.set(pool, all.add(held));
    return () => void all.delete(held);
  }

  /** Leases of the pool, the outermost first. */
  heldOf(pool: object): Held[] {
    const all = this.#held.get(pool) ?? new Set();
    for (const held of all) if (!held.inForce()) all.delete(held);
    return [...(this.around?.heldOf(pool) ?? []), ...all];
  }
}

const frames = new AsyncLocalStorage<Frame>();

/**
 * Begins a flow: what is acquired within by `acquire` or `tryAcquire` counts as held by it until its release. The work of `use` is one by
 * itself. Put it around each request or job whose leases are taken by hand.
 */
export function flow<Result>(work: () => Result): Result {
  return frames.run(new Frame(frames.getStore()), work);
}

/**
 * The pool, which tells of everybody who asks for a lease while holding one: with few connections and many such flows all of
 * them wait for each other, until their deadlines. Costs about a microsecond a lease.
 *
 * @throws InvalidOptionsError listing every fault; a pool too small for what is expected is one
 */
export function watchNestedAcquires<Connection>(
  pool: Pool<Connection>,
  options: NestedAcquireOptions,
): Pool<Connection> {
  checkPool(pool);
  checkOptions(pool, options);
  const watch = new Watch(pool, options);
  return wrapPool(pool, {
    acquire: (asked) => watch.acquire(asked),
    tryAcquire: (asked) => watch.tryAcquire(asked),
    async use(work, asked) {
      const { label } = asked ?? {};
      const granted = watch.ask(label);
      try {
        return await pool.use((connection, context) => {
          granted();
          const frame = new Frame(frames.getStore());
          const home = frame.holds(pool, { label, inForce: () => true });
          return frames.run(frame, async () => work(connection, context)).finally(home);
        }, asked);
      } finally {
        granted();
      }
    },
  });
}

class Watch<Connection> {
  readonly #pool: Pool<Connection>;
  readonly #options: NestedAcquireOptions;
  /** What each asker holds that waits now. */
  readonly #waiting = new Set<readonly Held[]>();

  constructor(pool: Pool<Connection>, options: NestedAcquireOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  async acquire(options: AcquireOptions | undefined): Promise<Lease<Connection>> {
    const granted = this.ask(options?.label);
    try {
      const lease = await this.#pool.acquire(options);
      this.#note(lease, options?.label);
      return lease;
    } finally {
      granted();
    }
  }

  /** Nobody waits for it, so there is nothing to tell; but it is held. */
  tryAcquire(options: { readonly label?: string } | undefined): Lease<Connection> | undefined {
    const lease = this.#pool.tryAcquire(options);
    if (lease !== undefined) this.#note(lease, options?.label);
    return lease;
  }

  #note(lease: Lease<Connection>, label: string | undefined): void {
    frames.getStore()?.holds(this.#pool, { label, inForce: () => lease.inForce });
  }

  /**
   * Somebody asks; the answer ends the wait.
   *
   * @throws NestedAcquireError
   */
  ask(label: string | undefined): () => void {
    const holds = frames.getStore()?.heldOf(this.#pool) ?? [];
    if (holds.length === 0) return () => {};
    const report = this.#judge(label, holds);
    const { refuse = 'none', logger } = this.#options;
    quietly(() => this.#options.report?.(report));
    if (logger !== undefined) say(logger, 'warn', { ...report }, report.message);
    if (refuse === 'nested' || refuse === report.kind) throw new NestedAcquireError(report);
    this.#waiting.add(holds);
    return () => void this.#waiting.delete(holds);
  }

  #judge(label: string | undefined, holds: readonly Held[]): NestedAcquire {
    const { name: pool } = this.#pool;
    const { absoluteMax: max } = this.#pool.snapshot().size;
    const all = new Set([...holds, ...[...this.#waiting].flat()].filter((one) => one.inForce()));
    const kind = all.size >= max ? 'deadlock' : 'nested';
    const names = holds.map((one) => one.label);
    const message = messageOf({ pool, label, holds: names, held: all.size, max, kind });
    return Object.freeze({ pool, label, holds: Object.freeze(names), held: all.size, max, kind, message });
  }
}

function messageOf({ pool, label, holds, held, max, kind }: Omit<NestedAcquire, 'message'>): string {
  const named = (one: string | undefined) => (one === undefined ? 'one without a label' : `'${one}'`);
  const who = `Pool '${pool}': whoever holds ${holds.map(named).join(' and ')} asks for ${named(label)}`;
  if (kind === 'nested') return `${who}; ${held} of ${max} connections are held by somebody who waits for another`;
  return `${who}; all ${max} connections are held by somebody who waits for another, so nobody can go on`;
}

function checkPool(pool: unknown): void {
  const check = new OptionCheck('watchNestedAcquires');
  check.type('pool.acquire', OptionCheck.read(pool, 'acquire'), 'function');
  check.throwIfFaulty();
}

function checkOptions<Connection>(pool: Pool<Connection>, options: NestedAcquireOptions): void {
  const check = new OptionCheck(`watchNestedAcquires of pool '${pool.name}'`);
  if (!check.type('options', options, 'object')) check.throwIfFaulty();
  check.unknownKeys('', options, ['report', 'logger', 'refuse', 'expect']);
  const { report, refuse, expect } = options;
  if (report !== undefined) check.type('report', report, 'function');
  if (refuse !== undefined) check.oneOf('refuse', refuse, ['none', 'deadlock', 'nested']);
  checkFlows(check, 'expect', expect, { bound: 'size.max', connections: pool.snapshot().size.absoluteMax });
  check.throwIfFaulty();
}
