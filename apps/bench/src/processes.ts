/**
 * Owns the child processes in which measurements and cases run: the same Node, a time limit, standard output as the answer.
 * It must never know what a child does.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Ending =
  | { readonly kind: 'answered'; readonly answer: string }
  | { readonly kind: 'failed'; readonly words: string }
  | { readonly kind: 'hung'; readonly limitMs: number };

export interface ChildOptions {
  readonly limitMs: number;
  /** Flags for Node itself. */
  readonly flags?: readonly string[];
}

/** Runs a file of ours to its end, or kills it once its time is over. */
export function runChild(file: URL, given: readonly string[], { limitMs, flags = [] }: ChildOptions): Promise<Ending> {
  const child = spawn(process.execPath, [...flags, fileURLToPath(file), ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [answer, words] = [child.stdout, child.stderr].map(collect) as [() => string, () => string];
  return new Promise((done) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      done({ kind: 'hung', limitMs });
    }, limitMs);
    child.on('error', (error) => done({ kind: 'failed', words: error.message }));
    child.on('close', (code) => {
      clearTimeout(limit);
      done(code === 0 ? { kind: 'answered', answer: answer() } : { kind: 'failed', words: words() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8').trim();
}
