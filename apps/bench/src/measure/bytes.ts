/**
 * Owns what an object weighs: many of them made and kept, the heap read before and after, external memory included.
 * It must never know what the object is. Needs a process started with `--expose-gc`.
 */
import { setImmediate as turn } from 'node:timers/promises';

const OBJECTS = 4_000;
const COLLECTIONS = 2;

/** Bytes per object that `make` gives, once for each repetition. */
export async function bytesPerObject(make: () => object, repetitions: number): Promise<readonly number[]> {
  await weigh(make);
  const weights: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) weights.push(await weigh(make));
  return weights;
}

async function weigh(make: () => object): Promise<number> {
  const kept: unknown[] = new Array(OBJECTS).fill(undefined);
  const before = await settledBytes();
  for (let index = 0; index < OBJECTS; index++) kept[index] = make();
  const after = await settledBytes();
  if (kept.includes(undefined)) throw new Error('An object was not made');
  return (after - before) / OBJECTS;
}

/** What is in use after two collections, on the heap and outside of it. */
export async function settledBytes(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Bytes can only be counted by a process started with --expose-gc');
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    await turn();
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
