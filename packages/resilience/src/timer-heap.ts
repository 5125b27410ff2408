/**
 * Owns the order of timers that are set: a binary heap by due time, ties by age, from which any of them can be taken out.
 * Must never know what time it is, nor run anything.
 */

/** What stands in the heap. `position` is the heap's own, −1 outside it. */
export interface HeapEntry {
  readonly dueMs: number;
  readonly sequence: number;
  position: number;
}

/** The entry at `i` stands before those at `2i + 1` and `2i + 2`, and knows its own place: removing any one is O(log n). */
export class TimerHeap<Entry extends HeapEntry> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The entry that is due first, or undefined. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  some(test: (entry: Entry) => boolean): boolean {
    return this.#entries.some(test);
  }

  /** Takes all out, and answers them in no order. */
  clear(): Entry[] {
    const entries = this.#entries.splice(0);
    for (const entry of entries) entry.position = -1;
    return entries;
  }

  add(entry: Entry): void {
    this.#rise(entry, this.#entries.length);
  }

  /** Takes an entry out. False when it was not in. */
  remove(entry: Entry): boolean {
    const hole = entry.position;
    if (hole === -1) return false;
    entry.position = -1;
    const last = this.#entries.pop() as Entry;
    if (last === entry) return true;
    if (hole > 0 && isBefore(last, this.#entries[(hole - 1) >> 1] as Entry)) this.#rise(last, hole);
    else this.#sink(last, hole);
    return true;
  }

  #rise(entry: Entry, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = this.#entries[(position - 1) >> 1] as Entry;
      if (!isBefore(entry, parent)) break;
      this.#place(parent, position);
      position = (position - 1) >> 1;
    }
    this.#place(entry, position);
  }

  #sink(entry: Entry, from: number): void {
    let position = from;
    for (;;) {
      const left = this.#entries[2 * position + 1];
      const right = this.#entries[2 * position + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, entry)) break;
      const next = child.position;
      this.#place(child, position);
      position = next;
    }
    this.#place(entry, position);
  }

  #place(entry: Entry, position: number): void {
    this.#entries[position] = entry;
    entry.position = position;
  }
}

function isBefore(one: HeapEntry, other: HeapEntry): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.sequence < other.sequence);
}
