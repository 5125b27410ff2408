/**
 * Owns one call of the simulated driver: the way from its fate to its answer, heeding its signal or not.
 * It must never know what the answer is for.
 */
import type { CallContext, Clock, Timer, Timers } from '@cryo/resilience';
import type { CallRecord, GroundTruth } from './ground-truth.ts';
import { type Fate, SimulatedError, type SimulatedServer } from './simulated-server.ts';

/** Where calls are played. */
export interface Stage {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly server: SimulatedServer;
  readonly truth: GroundTruth;
}

/** One call: what the pool asked, how it ends, and what its success brings. */
export interface Play<Result> {
  readonly record: CallRecord;
  readonly context: CallContext;
  readonly fate: Fate;
  /** Runs at the moment of success; what it throws is the answer instead. */
  readonly finish: () => Result;
  /** Runs once the call has settled, before anybody hears of it. */
  readonly ended?: () => void;
}

/** Plays a call. Throws at once when that is its fate. */
export function playCall<Result>(stage: Stage, play: Play<Result>): Promise<Result> {
  if (play.fate.kind !== 'throw')
    return new Promise((resolve, reject) => new Call(stage, play, resolve, reject).start());
  stage.truth.callEnded(play.record, 'failed', stage.clock.now(), play.fate.error);
  play.ended?.();
  throw play.fate.error;
}

class Call<Result> {
  readonly #stage: Stage;
  readonly #play: Play<Result>;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (error: unknown) => void;
  #timer: Timer | undefined;
  #letGo: (() => void) | undefined;

  constructor(stage: Stage, play: Play<Result>, resolve: (result: Result) => void, reject: (error: unknown) => void) {
    this.#stage = stage;
    this.#play = play;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { fate, context, record } = this.#play;
    const { server, clock } = this.#stage;
    const lateForEver = fate.kind === 'late' && context.deadline === Infinity;
    if (fate.kind === 'hang' || lateForEver) this.#hang();
    else if (fate.kind === 'late') this.#answerIn(context.deadline - clock.now() + fate.byMs, () => this.#succeed());
    else {
      const afterMs = ('afterMs' in fate ? fate.afterMs : undefined) ?? server.latencyMs(record.kind);
      this.#answerIn(afterMs, () => (fate.kind === 'fail' ? this.#fail(fate.error) : this.#succeed()));
      if (server.heedsAbort(record.kind)) this.#heed();
    }
  }

  #hang(): void {
    this.#letGo = this.#stage.server.hold(this.#play.record.kind, (fate) => {
      this.#letGo?.();
      const lost = new SimulatedError('the connection timed out', undefined);
      this.#answerIn(0, () => (fate === 'succeed' ? this.#succeed() : this.#fail(lost)));
    });
  }

  #answerIn(afterMs: number, answer: () => void): void {
    this.#timer = this.#stage.timers.set(afterMs, answer, { background: false });
  }

  #heed(): void {
    const { signal } = this.#play.context;
    const aborted = (): void => this.#fail(signal.reason);
    signal.addEventListener('abort', aborted);
    this.#letGo = () => signal.removeEventListener('abort', aborted);
    if (signal.aborted) aborted();
  }

  #succeed(): void {
    try {
      const result = this.#play.finish();
      this.#settle('succeeded');
      this.#resolve(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#settle('failed', error);
    this.#reject(error);
  }

  #settle(state: 'succeeded' | 'failed', error?: unknown): void {
    this.#timer?.cancel();
    this.#letGo?.();
    this.#stage.truth.callEnded(this.#play.record, state, this.#stage.clock.now(), error);
    this.#play.ended?.();
  }
}
