/**
 * Owns how the simulated server behaves: its state, its latencies, its faults, and the fate of each call.
 * It must never know a pool, nor keep count of what happened.
 */
import type { Random } from '@cryo/resilience';
import type { ErrorClass } from '../driver.ts';
import type { CallKind, SimulatedConnection } from './ground-truth.ts';

/**
 * What the server is like now.
 *
 * - `healthy`: answers.
 * - `refusing`: every dial fails soon with `server-unavailable`; open connections go on.
 * - `silent`: nothing answers: every call hangs.
 * - `overloaded`: knows at most `places` connections; a dial beyond fails with `overloaded`.
 * - `misconfigured`: every dial fails with `misconfigured`.
 * - `slow`: every latency is multiplied.
 */
export type ServerState =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'refusing' }
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'overloaded';
      /** The most connections that it knows. */
      readonly places: number;
    }
  | { readonly kind: 'misconfigured' }
  | {
      readonly kind: 'slow';
      /** What every latency is multiplied by. */
      readonly factor: number;
    };

/** How one call ends. Without `afterMs` it takes the latency of its kind. */
export type Fate =
  | {
      readonly kind: 'succeed';
      /** In ms. */
      readonly afterMs?: number;
    }
  | {
      readonly kind: 'fail';
      /** What it rejects with. */
      readonly error: unknown;
      /** In ms. */
      readonly afterMs?: number;
    }
  | {
      /** Throws at once instead of answering with a promise. */
      readonly kind: 'throw';
      /** What it throws. */
      readonly error: unknown;
    }
  /** Never answers, whatever its signal says, until {@link SimulatedServer.answerHung}. */
  | { readonly kind: 'hang' }
  /** Ignores its signal and succeeds this long after its deadline. */
  | {
      readonly kind: 'late';
      /** How long after its deadline, in ms. */
      readonly byMs: number;
    }
  /** A dial that succeeds with a connection that reports itself broken as soon as it is watched. */
  | { readonly kind: 'stillborn' }
  /** The connection reports itself broken, twice, while the call is being made; then the call fails. */
  | { readonly kind: 'break' };

/** How likely each fault is for a call, 0 to 1; the rest of the calls succeed. */
export interface FaultChances {
  /** Rejects with a SimulatedError. */
  readonly fail?: number;
  /** Rejects with something that is no Error. */
  readonly oddRejection?: number;
  /** Throws at once instead of answering with a promise. */
  readonly throw?: number;
  /** Never answers. */
  readonly hang?: number;
  /** Ignores its signal and succeeds after its deadline. */
  readonly late?: number;
  /** Dials only. */
  readonly stillborn?: number;
  /** Checks and resets only. */
  readonly break?: number;
}

/** How one kind of call behaves. */
export interface CallBehaviour {
  /** Shortest and longest latency in ms; short ones are more likely. Default [1, 1]. */
  readonly latencyMs?: readonly [shortest: number, longest: number];
  /** Default: none. */
  readonly faults?: FaultChances;
  /** How likely a call ends early when its signal aborts, 0 to 1. Default 1. */
  readonly heedsAbort?: number;
}

/** How often `destroy` does more than it should, 0 to 1. */
export interface DestroyBehaviour {
  /** Reports the connection broken, as a socket does that is cut. */
  readonly reports?: number;
  /** Throws, after the connection has ended. */
  readonly throws?: number;
}

/** How every kind of call behaves. */
export type ServerBehaviour = { readonly [Kind in CallKind | 'query']?: CallBehaviour } & {
  /** What `destroy` does beyond ending the connection. Default: nothing. */
  readonly destroy?: DestroyBehaviour;
};

/** What the simulated server answers instead of success. `errorClass` is what the driver's `classify` says of it. */
export class SimulatedError extends Error {
  override readonly name = 'SimulatedError';
  /** What the driver's `classify` says of it; `undefined` leaves it to the phase. */
  readonly errorClass: ErrorClass | undefined;

  constructor(message: string, errorClass?: ErrorClass) {
    super(message);
    this.errorClass = errorClass;
  }
}

const ODD_REASONS = [undefined, null, 'a string', 42, { code: 'ODD' }] as const;
const LATE_BY_MS = [10, 400, 1_500, 7_000] as const;

/** The far side of the simulated driver: switch its state, script its next answers. */
export class SimulatedServer {
  #state: ServerState = { kind: 'healthy' };
  /** Latencies and faults of the calls to come; may be changed at any time. */
  behaviour: ServerBehaviour;
  readonly #random: Random;
  readonly #scripts: Record<CallKind | 'query', Fate[]> = { open: [], check: [], reset: [], close: [], query: [] };
  readonly #hung = new Map<(fate: 'succeed' | 'fail') => void, CallKind | 'query'>();

  constructor(random: Random, behaviour: ServerBehaviour) {
    this.#random = random;
    this.behaviour = behaviour;
  }

  /** What the server is like now. */
  get state(): ServerState {
    return this.#state;
  }

  /** Switches the state, for every later call. */
  become(state: ServerState): void {
    this.#state = state;
  }

  /** Sets the fates of the next calls of a kind, before state and chance have a say. */
  script(kind: CallKind | 'query', ...fates: readonly Fate[]): void {
    this.#scripts[kind].push(...fates);
  }

  /** Forgets every fate that was scripted and has not come. */
  unscript(): void {
    for (const fates of Object.values(this.#scripts)) fates.length = 0;
  }

  /** How many calls of a kind hang. */
  hanging(kind: CallKind | 'query'): number {
    let count = 0;
    for (const hung of this.#hung.values()) if (hung === kind) count++;
    return count;
  }

  /**
   * Lets hung calls answer, the oldest first, each on its own as soon as the clock moves, as `choose` says; one left out goes
   * on hanging.
   */
  answerHung(choose: (kind: CallKind | 'query') => 'succeed' | 'fail' | undefined): void {
    for (const [answer, kind] of [...this.#hung]) {
      const fate = choose(kind);
      if (fate !== undefined) answer(fate);
    }
  }

  /** Holds a hung call; the function lets go of it. */
  hold(kind: CallKind | 'query', answer: (fate: 'succeed' | 'fail') => void): () => void {
    this.#hung.set(answer, kind);
    return () => this.#hung.delete(answer);
  }

  /** How long a call of this kind takes now, in ms. */
  latencyMs(kind: CallKind | 'query'): number {
    const [shortest, longest] = this.behaviour[kind]?.latencyMs ?? [1, 1];
    const drawn = shortest + (longest - shortest) * this.#random() ** 3;
    return this.#state.kind === 'slow' ? drawn * this.#state.factor : drawn;
  }

  /** Whether a call of this kind ends when its signal aborts. */
  heedsAbort(kind: CallKind): boolean {
    return this.happens(this.behaviour[kind]?.heedsAbort ?? 1);
  }

  /** Whether something happens now that happens with this likelihood. */
  happens(chance: number | undefined): boolean {
    return chance !== undefined && this.#random() < chance;
  }

  /** The fate of a call that starts now. */
  decide(kind: CallKind | 'query', connection: SimulatedConnection | undefined): Fate {
    const scripted = this.#scripts[kind].shift();
    if (scripted !== undefined) return scripted;
    if (this.#state.kind === 'silent') return { kind: 'hang' };
    if (connection !== undefined && !connection.alive && kind !== 'close') {
      return { kind: 'fail', error: new SimulatedError('the connection is dead', 'connection-lost') };
    }
    if (kind === 'open' && this.#state.kind === 'refusing') {
      return { kind: 'fail', error: new SimulatedError('connection refused', 'server-unavailable') };
    }
    if (kind === 'open' && this.#state.kind === 'misconfigured') {
      return { kind: 'fail', error: new SimulatedError('no such database', 'misconfigured') };
    }
    return this.#decideByChance(kind);
  }

  #decideByChance(kind: CallKind | 'query'): Fate {
    const faults = this.behaviour[kind]?.faults;
    if (faults === undefined) return { kind: 'succeed' };
    let drawn = this.#random();
    const falls = (chance: number | undefined): boolean => {
      drawn -= chance ?? 0;
      return drawn < 0;
    };
    if (falls(faults.fail)) return { kind: 'fail', error: this.#anyError(kind) };
    if (falls(faults.oddRejection)) return { kind: 'fail', error: this.#pick(ODD_REASONS) };
    if (falls(faults.throw)) return { kind: 'throw', error: this.#anyError(kind) };
    if (falls(faults.hang)) return { kind: 'hang' };
    if (falls(faults.late)) return { kind: 'late', byMs: this.#pick(LATE_BY_MS) };
    if (kind === 'open' && falls(faults.stillborn)) return { kind: 'stillborn' };
    if ((kind === 'check' || kind === 'reset') && falls(faults.break)) return { kind: 'break' };
    return { kind: 'succeed' };
  }

  #anyError(kind: CallKind | 'query'): SimulatedError {
    const lost: ErrorClass = kind === 'open' ? 'server-unavailable' : 'connection-lost';
    return new SimulatedError(`${kind} failed`, this.#random() < 0.5 ? lost : undefined);
  }

  #pick<Element>(list: readonly Element[]): Element {
    return list[Math.floor(this.#random() * list.length)] as Element;
  }
}
