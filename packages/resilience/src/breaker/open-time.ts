/**
 * Owns an open time that the failure itself asks for, as an HTTP `Retry-After` does.
 * Must never know what the failure is, nor how it says so.
 */
import { askHook } from '../hooks.ts';
import { asNumber, checkOptions, peek, range } from '../option-rules.ts';
import { LONGEST_OPEN_MS, type Opening } from './options.ts';

/** Options of {@link openForRetryAfter}. */
export interface OpenForRetryAfterOptions {
  /** How long the failure asks to be left alone, in ms; undefined when it says nothing, as it does where this throws. */
  readonly retryAfterMs: (cause: unknown) => number | undefined;
  /** How long to stay open where the failure says nothing, or less, in ms; a day at most. */
  readonly otherwiseMs: number;
  /** The longest that a failure can ask for, in ms: no server decides that it is never asked again. Default 300,000, a day at most. */
  readonly maxMs?: number | undefined;
}

/** Envoy ejects a host for at most that long (`max_ejection_time`). */
const MAX_MS = 300_000;

/**
 * For `openForMs` of a breaker: what the failure asks for, but at least `otherwiseMs` and at most `maxMs`. What is no number
 * from 0 counts as nothing said.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function openForRetryAfter(options: OpenForRetryAfterOptions): (opening: Pick<Opening, 'cause'>) => number {
  const least = asNumber(peek<OpenForRetryAfterOptions>(options, 'otherwiseMs').otherwiseMs) || 0;
  const settings = checkOptions(
    'openForRetryAfter',
    options,
    {
      retryAfterMs: 'function',
      otherwiseMs: range({ min: 0, max: LONGEST_OPEN_MS, unit: 'ms' }),
      maxMs: range({ min: least, max: LONGEST_OPEN_MS, unit: 'ms' }),
    },
    ['retryAfterMs', 'otherwiseMs'],
  );
  const { retryAfterMs, otherwiseMs, maxMs = Math.max(MAX_MS, otherwiseMs) } = settings;
  return ({ cause }) => {
    const asked = askHook({}, 'retryAfterMs', () => retryAfterMs(cause));
    return typeof asked === 'number' && asked > otherwiseMs ? Math.min(asked, maxMs) : otherwiseMs;
  };
}
