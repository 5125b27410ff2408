/**
 * Owns standard error: lines that stay, and on a terminal one line of progress below them that is written over itself.
 * It must never know what the lines say.
 */
import type { Logger } from '@cryo/pool-core';

const CLEAR_LINE = '\r\x1b[2K';

export class Terminal {
  readonly #stream: { readonly isTTY?: boolean; write(text: string): unknown };
  #progress = '';

  constructor(stream: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr) {
    this.#stream = stream;
  }

  /** A line that stays. */
  say(line: string): void {
    const progress = this.#progress;
    this.show('');
    this.#stream.write(`${line}\n`);
    this.show(progress);
  }

  /** The line of progress; an empty one takes it away. Where nobody watches there is none. */
  show(progress: string): void {
    if (this.#stream.isTTY !== true || (progress === '' && this.#progress === '')) return;
    this.#progress = progress;
    this.#stream.write(`${CLEAR_LINE}${progress}`);
  }

  /** What the pools have to say, a line each, while `heard` says so. */
  logger(heard: () => boolean): Logger {
    const say = (_entry: object, message: string) => {
      if (heard()) this.say(message);
    };
    return { info: say, warn: say };
  }
}
