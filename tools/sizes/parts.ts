/**
 * Owns into which parts the files of a bundle are put, for a reader who asks where the bytes are.
 * It must never know how large anything may be.
 */
const PARTS: readonly (readonly [part: string, files: RegExp])[] = [
  ['circuit breaker and its trip rule', /^breaker\/(?!options)/],
  ['retry and backoff', /^(retry|spending|backoff|sleep)\.js$/],
  [
    'the loop that policies run in, with signals and deadlines',
    /^(frame|policy|call|deadline|deferred|abort-source|scope|ruling|outcome)\.js$/,
  ],
  ['options: their rules, their checks and the error that lists all faults', /options?(-rules)?\.js$|^parts\.js$/],
  ['the other errors', /^(errors\/|assert)/],
  ['clock, timers, chance', /^(clock|timers|random)\.js$/],
  ['events, and hooks whose faults hurt nobody', /^(events|hooks)\.js$/],
];

/** How many bytes each part has, minified; whatever is in none comes last. */
export function partsOf(files: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const parts = new Map(PARTS.map(([part]) => [part, 0]));
  for (const [file, bytes] of files) {
    const [part] = PARTS.find(([, pattern]) => pattern.test(file)) ?? ['the rest'];
    parts.set(part, (parts.get(part) ?? 0) + bytes);
  }
  return parts;
}
