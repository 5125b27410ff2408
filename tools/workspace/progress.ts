/**
 * Owns the one line that shows a person at a terminal what takes long. Silent when nobody watches.
 * It must never know what the work is, and never write to standard output, which belongs to results.
 */

export interface Progress {
  /** Replaces what stands behind the name of the work. */
  update(detail: string): void;
  /** Leaves the line with its duration, or takes it away. */
  finish(ending: 'keep' | 'erase'): void;
}

const ERASE_LINE = '\r\u001b[K';

/** Starts a line on standard error, or does nothing at all when that is not a terminal. */
export function startProgress(work: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update: () => {}, finish: () => {} };
  const startedAt = performance.now();
  const show = (detail: string): void => void stream.write(`${ERASE_LINE}${work.padEnd(10)}${detail}`);
  show('…');
  return {
    update: show,
    finish: (ending) => {
      stream.write(ERASE_LINE);
      if (ending === 'keep')
        stream.write(`${work.padEnd(10)}${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    },
  };
}
