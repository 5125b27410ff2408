/**
 * Owns what a caller gets in place of an error.
 * Must never know why the work failed.
 */
import { AttemptContext, type PolicyContext, type Work } from './call.ts';
import { carefully } from './errors.ts';
import type { Frame, Step } from './frame.ts';
import { askHook, type ListenerFailed } from './hooks.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, must, never, peek } from './option-rules.ts';
import type { Outcome } from './outcome.ts';
import { REGISTRY } from './parts.ts';
import { Pipeline, type Policy } from './policy.ts';
import type { Ruling } from './ruling.ts';

/** Options that every fallback has. */
export interface FallbackBase {
  /**
   * Which errors are replaced. Default: all of them. Nothing is replaced once the caller has aborted, whatever this says;
   * when it throws, or answers what is no boolean, the error is replaced.
   */
  readonly on?: ((error: unknown) => boolean) | undefined;
  /** Appears in metrics. Default `'fallback'`. */
  readonly name?: string | undefined;
  /** Where to count calls: `cryo_fallback_calls_total`, with the label `fallback`. */
  readonly registry?: Registry | undefined;
  /** Told when `on` throws, or answers what it may not. */
  readonly listenerFailed?: ListenerFailed | undefined;
}

/** Options of a fallback: either the value, or how to get one. */
export type FallbackOptions<Alternative> = FallbackBase &
  (
    | {
        /** What the caller gets instead of an error. */
        readonly value: Alternative;
        /** Not beside `value`. */
        readonly run?: undefined;
      }
    | {
        /**
         * Asked with the error, at once or with a promise. What it throws is what the caller gets. The context has the signal and
         * the deadline of the call, for it to heed as work does.
         */
        readonly run: (error: unknown, context: PolicyContext) => Alternative | PromiseLike<Alternative>;
        /** Not beside `run`. */
        readonly value?: undefined;
      }
  );

/** Gives something else in place of an error. */
export interface Fallback<Alternative> extends Policy<Alternative> {
  /** As in the options: what metrics call it. */
  readonly name: string;
}

/**
 * A policy that answers with something else when the work fails: an empty list, a cached answer, another server.
 * Put it outermost, so that it also replaces what other policies of the call refuse.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function fallback<const Alternative>(options: FallbackOptions<Alternative>): Fallback<Alternative> {
  const { value, run } = peek<FallbackOptions<Alternative>>(options, 'value', 'run');
  const hasValue = carefully(() => Object.hasOwn(Object(options), 'value'), false);
  const rules = {
    value: must(() => hasValue || run !== undefined, 'a value, or run in its place'),
    run: value === undefined ? 'function' : never('either value or run'),
    on: 'function',
    name: 'string',
    registry: REGISTRY,
    listenerFailed: 'function',
  } as const;
  const settings = checkOptions('fallback', options, rules, ['value'], { name: 'fallback' });
  const policy: Policy<unknown> = new Pipeline([new FallbackStep(settings)]);
  return Object.assign(policy, { name: settings.name }) as Fallback<Alternative>;
}

class FallbackStep implements Step {
  readonly #settings: FallbackOptions<unknown>;
  readonly #count: PolicyMeter<'fallback'> | undefined;

  constructor(settings: FallbackOptions<unknown> & { readonly name: string }) {
    this.#settings = settings;
    this.#count = settings.registry?.policyMeter('fallback', settings.name, {});
  }

  get waitsForFailure(): boolean {
    return this.#count === undefined;
  }

  enter(): undefined {}

  succeeded(): undefined {
    this.#count?.('succeeded');
  }

  failed(frame: Frame, _place: number, error: unknown): Ruling {
    const replaces = !frame.scope?.aborted && this.#replaces(error);
    this.#count?.(replaces ? 'replaced' : 'failed');
    if (!replaces) return undefined;
    const { run, value } = this.#settings;
    return run === undefined ? { kind: 'result', value } : runInstead((context) => run(error, context), frame);
  }

  #replaces(error: unknown): boolean {
    const { on } = this.#settings;
    if (on === undefined) return true;
    const isAnswer = (answer: unknown) => typeof answer === 'boolean';
    return askHook(this.#settings, 'on', () => on(error), isAnswer, true);
  }
}

async function runInstead(run: Work<unknown>, { scope, deadline }: Frame): Promise<Outcome> {
  return { kind: 'result', value: await run(new AttemptContext(scope, deadline, 0)) };
}
