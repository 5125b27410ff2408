/**
 * Owns one line of waiters in order of arrival, laid out so that a million of them cost neither pointers nor promotion.
 * It must never know what is waited for, nor which of several lines is served next.
 *
 * ```text
 *   oldest chunk                        newer                    newest chunk
 *   ┌──────────────────────────┐   ┌──────────────────┐   ┌──────────────────────────┐
 *   │ entries  [ · · R R ╳ R … │ ─►│ R R Q R R R R R  │ ─►│ R Q R · · ·              │  R resolver, Q request, ╳ left
 *   │ sinceMs  [ · · 3 3 4 5 … │ ◄─│ 8 8 9 9 9 …      │ ◄─│ 9 9 9 · · ·              │  doubles, outside of the heap
 *   └────────────▲─────────────┘   └──────────────────┘   └───────▲──────────────────┘
 *             first                     512 places              end
 * ```
 *
 * What it buys: about 180 bytes a waiter, its promise included, and nothing for the collector to copy but that promise. A linked
 * node for each waiter survives a collection or two, and copying it is most of what a burst costs.
 */
import { AssertionError, assert } from '@cryo/resilience';

const PLACES = 512;

export class Chunk<Entry> {
  readonly entries: (Entry | undefined)[];
  readonly sinceMs: Float64Array;
  /** Deadlines that were moved; NaN where they were not. There only after a freeze of the process. */
  movedMs: Float64Array | undefined;
  /** Entries that have not left. */
  waiting = 0;
  older: Chunk<Entry> | undefined;
  newer: Chunk<Entry> | undefined;
  number: number;

  constructor(number: number, older: Chunk<Entry> | undefined, places = PLACES) {
    this.number = number;
    this.older = older;
    this.entries = new Array(places).fill(undefined);
    this.sinceMs = new Float64Array(places);
  }
}

/** A place in a line. */
interface Place<Entry> {
  chunk: Chunk<Entry>;
  index: number;
}

/**
 * First come, first served, and any entry may leave, both in O(1). An entry that is a function
 * has the line's own time limit, so of those the first is the first to run out of time; others look after themselves.
 */
export class Line<Entry> {
  size = 0;
  readonly #timeoutMs: number;
  readonly #first: Place<Entry>;
  /** One past the newest. */
  readonly #end: Place<Entry>;
  /** Nothing before it is a function that waits. */
  readonly #timed: Place<Entry>;
  /** The chunk that was served last, to be used again: a short line that never ends makes no new ones. */
  #spare: Chunk<Entry> | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    // Nothing is laid out before somebody waits.
    const chunk = new Chunk<Entry>(-1, undefined, 0);
    this.#first = { chunk, index: PLACES };
    this.#end = { chunk, index: PLACES };
    this.#timed = { chunk, index: PLACES };
  }

  /** Since when the first one waits, in ms. Only while there is one. */
  get firstSinceMs(): number {
    return this.#first.chunk.sinceMs[this.#first.index] as number;
  }

  /** Answers the chunk in which the entry stands, for {@link leave}; its index there is {@link lastIndex}. */
  push(entry: Entry, now: number): Chunk<Entry> {
    const end = this.#end;
    if (end.index === PLACES) this.#lengthen();
    const { chunk, index } = end;
    chunk.entries[index] = entry;
    chunk.sinceMs[index] = now;
    if (chunk.movedMs !== undefined) chunk.movedMs[index] = Number.NaN;
    chunk.waiting++;
    end.index = index + 1;
    this.size++;
    return chunk;
  }

  get lastIndex(): number {
    return this.#end.index - 1;
  }

  /** The place of the newest entry. Only while there is one. */
  get newest(): { readonly chunk: Chunk<Entry>; readonly index: number } {
    const { chunk, index } = this.#end;
    return { chunk, index: index - 1 };
  }

  /** Takes the first one out. */
  shift(): Entry {
    const first = this.#first;
    const { chunk, index } = first;
    const entry = chunk.entries[index];
    // Usually the next one stands right behind.
    if (this.size === 1 || chunk.entries[index + 1] === undefined) return this.leave(chunk, index);
    if (entry === undefined) throw new AssertionError('whoever is first in a line stands in it');
    chunk.entries[index] = undefined;
    chunk.waiting--;
    this.size--;
    first.index = index + 1;
    return entry;
  }

  /** Whoever stands there leaves, whatever the place. */
  leave(chunk: Chunk<Entry>, index: number): Entry {
    const entry = chunk.entries[index];
    assert(entry !== undefined, 'whoever leaves a line stands in it');
    chunk.entries[index] = undefined;
    chunk.waiting--;
    this.size--;
    if (this.size === 0) this.#restart(chunk);
    else if (chunk === this.#first.chunk && index === this.#first.index) this.#advance(this.#first);
    else if (chunk === this.#end.chunk && index === this.#end.index - 1) this.#retreat();
    else if (chunk.waiting === 0) this.#unlink(chunk);
    return entry;
  }

  /** When the first function in the line runs out of time, in ms; `Infinity` when there is none. */
  nextDeadlineMs(): number {
    return this.#findTimed() ? this.#deadlineMs(this.#timed.chunk, this.#timed.index) : Number.POSITIVE_INFINITY;
  }

  /** The place of the entry that {@link nextDeadlineMs} speaks of. */
  get timed(): { readonly chunk: Chunk<Entry>; readonly index: number } {
    return this.#timed;
  }

  /** Moves the deadline of each function whose deadline was not moved before; `later` gets its times in ms. */
  postpone(later: (sinceMs: number, deadlineMs: number) => number): void {
    for (let chunk: Chunk<Entry> | undefined = this.#first.chunk; chunk !== undefined; chunk = chunk.newer) {
      chunk.movedMs ??= new Float64Array(PLACES).fill(Number.NaN);
      for (let index = 0; index < PLACES; index++) {
        if (typeof chunk.entries[index] !== 'function' || !Number.isNaN(chunk.movedMs[index])) continue;
        chunk.movedMs[index] = later(chunk.sinceMs[index] as number, this.#deadlineMs(chunk, index));
      }
    }
  }

  #deadlineMs(chunk: Chunk<Entry>, index: number): number {
    const movedMs = chunk.movedMs?.[index] ?? Number.NaN;
    return Number.isNaN(movedMs) ? (chunk.sinceMs[index] as number) + this.#timeoutMs : movedMs;
  }

  /** Goes on from where it stood: every place is passed once, so the cost of a request is constant. */
  #findTimed(): boolean {
    const timed = this.#timed;
    const { number } = this.#first.chunk;
    if (timed.chunk.number < number || (timed.chunk === this.#first.chunk && timed.index < this.#first.index)) {
      moveTo(timed, this.#first.chunk, this.#first.index);
    }
    while (timed.chunk !== this.#end.chunk || timed.index < this.#end.index) {
      if (timed.index === PLACES) {
        if (timed.chunk.newer === undefined) return false;
        moveTo(timed, timed.chunk.newer, 0);
      } else if (typeof timed.chunk.entries[timed.index] === 'function') return true;
      else timed.index++;
    }
    return false;
  }

  #lengthen(): void {
    const { chunk } = this.#end;
    const newer = this.#takeSpare(chunk) ?? new Chunk<Entry>(chunk.number + 1, chunk);
    if (this.size === 0) return this.#restart(newer);
    chunk.newer = newer;
    moveTo(this.#end, newer, 0);
  }

  #takeSpare(older: Chunk<Entry>): Chunk<Entry> | undefined {
    const spare = this.#spare;
    if (spare === undefined) return undefined;
    this.#spare = undefined;
    spare.number = older.number + 1;
    spare.older = older;
    spare.newer = undefined;
    spare.movedMs = undefined;
    return spare;
  }

  /** Nobody waits: the line begins anew in the chunk that was used last. */
  #restart(chunk: Chunk<Entry>): void {
    chunk.older = undefined;
    chunk.newer = undefined;
    moveTo(this.#first, chunk, 0);
    moveTo(this.#end, chunk, 0);
    moveTo(this.#timed, chunk, 0);
  }

  #advance(first: Place<Entry>): void {
    let { chunk, index } = first;
    do {
      if (++index === PLACES && chunk.newer !== undefined) {
        const { newer } = chunk;
        if (this.#timed.chunk !== chunk) this.#spare = chunk;
        chunk = newer;
        chunk.older = undefined;
        index = 0;
      }
    } while (chunk.entries[index] === undefined);
    moveTo(first, chunk, index);
  }

  #retreat(): void {
    let { chunk, index } = this.#end;
    while (chunk.entries[index - 1] === undefined) {
      if (--index === 0 && chunk.older !== undefined) {
        // Where the newest comes and goes at the edge of a chunk, none is made for each.
        this.#spare = chunk;
        chunk = chunk.older;
        chunk.newer = undefined;
        index = PLACES;
      }
    }
    moveTo(this.#end, chunk, index);
    const timed = this.#timed;
    if (timed.chunk.number > chunk.number || (timed.chunk === chunk && timed.index > index)) {
      moveTo(timed, chunk, index);
    }
  }

  /** A chunk between the first and the last that everybody left. */
  #unlink(chunk: Chunk<Entry>): void {
    const { older, newer } = chunk;
    if (older === undefined || newer === undefined) return;
    older.newer = newer;
    newer.older = older;
    if (this.#timed.chunk === chunk) moveTo(this.#timed, newer, 0);
  }
}

function moveTo<Entry>(place: Place<Entry>, chunk: Chunk<Entry>, index: number): void {
  place.chunk = chunk;
  place.index = index;
}
