/**
 * Owns which keys there are, and which of them goes first when there are too many.
 * Must never know what is kept under a key, nor read a clock.
 */
import { assert } from '../assert.ts';

/** What is kept under one key. */
export interface Kept<Value> {
  readonly key: string;
  readonly value: Value;
  /** Those of a lower rank go before those of a higher one. */
  readonly rank: number;
  /** When it was last used, by whatever clock its user has. */
  readonly usedAt: number;
}

/** The same for the store alone, linked to its neighbours in its rank. */
interface Entry<Value> extends Kept<Value> {
  rank: number;
  usedAt: number;
  older: Entry<Value> | undefined;
  newer: Entry<Value> | undefined;
}

interface Row<Value> {
  oldest: Entry<Value> | undefined;
  newest: Entry<Value> | undefined;
}

/**
 * Values by key, in the order in which they go: by rank, and within a rank the least recently used first. What is told of
 * as used must not be older than what was told before.
 *
 *     rank 0   a ⇄ b ⇄ c     goes: a b c d e
 *     rank 1   d ⇄ e
 *         oldest ⋯ newest
 *
 * Linked by hand, so that every operation costs the same however many there are: a Set that is used as a queue walks over
 * the places of all that it has lost before it finds its first element.
 */
export class KeyStore<Value> {
  readonly #byKey = new Map<string, Entry<Value>>();
  readonly #rows: readonly Row<Value>[];

  constructor(ranks: number) {
    this.#rows = Array.from({ length: ranks }, () => ({ oldest: undefined, newest: undefined }));
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Looking is no use of it. */
  find(key: string): Kept<Value> | undefined {
    return this.#byKey.get(key);
  }

  /** Adds a key that is not there, as the most recently used of the lowest rank. */
  add(key: string, value: Value, now: number): void {
    const entry = { key, value, rank: 0, usedAt: now, older: undefined, newer: undefined };
    this.#byKey.set(key, entry);
    this.#link(entry);
  }

  /** What was found becomes the most recently used of its rank; so it mostly is already, where few keys are used much. */
  use(kept: Kept<Value>, now: number): void {
    const entry = kept as Entry<Value>;
    if (entry.newer === undefined) entry.usedAt = now;
    else this.#place(entry, entry.rank, now);
  }

  /** It becomes the most recently used of another rank. False when there is no such key. */
  move(key: string, rank: number, now: number): boolean {
    const entry = this.#byKey.get(key);
    return entry !== undefined && this.#place(entry, rank, now);
  }

  delete(key: string): boolean {
    const entry = this.#byKey.get(key);
    if (entry !== undefined) this.#unlink(entry);
    return this.#byKey.delete(key);
  }

  /** What goes first. */
  first(): Kept<Value> | undefined {
    return this.#rows.find(({ oldest }) => oldest !== undefined)?.oldest;
  }

  /** What goes first of a rank. */
  firstOf(rank: number): Kept<Value> | undefined {
    return this.#row(rank).oldest;
  }

  /** All of it, in the order in which it goes. */
  all(): Kept<Value>[] {
    const all: Kept<Value>[] = [];
    for (const { oldest } of this.#rows) {
      for (let entry = oldest; entry !== undefined; entry = entry.newer) all.push(entry);
    }
    return all;
  }

  #place(entry: Entry<Value>, rank: number, now: number): true {
    this.#unlink(entry);
    entry.rank = rank;
    entry.usedAt = now;
    this.#link(entry);
    return true;
  }

  #link(entry: Entry<Value>): void {
    const row = this.#row(entry.rank);
    entry.older = row.newest;
    if (row.newest === undefined) row.oldest = entry;
    else row.newest.newer = entry;
    row.newest = entry;
  }

  #unlink(entry: Entry<Value>): void {
    const row = this.#row(entry.rank);
    const { older, newer } = entry;
    if (older === undefined) row.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) row.newest = older;
    else newer.older = older;
    entry.newer = undefined;
  }

  #row(rank: number): Row<Value> {
    const row = this.#rows[rank];
    assert(row !== undefined, 'a rank is one of those that the store was made with');
    return row;
  }
}
