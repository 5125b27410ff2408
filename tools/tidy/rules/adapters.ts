/**
 * Owns the shape of an adapter's folder: the same few files, by the same names, for every database.
 * It must never know what stands in them.
 */
import type { Fault } from '../fault.ts';
import { adapterShape, databaseOf } from '../order.ts';
import type { Repository } from '../rule.ts';

const RULE = 'adapter-shape';

export function adapterShapes(repository: Repository): readonly Fault[] {
  const folders = new Map<string, string[]>();
  for (const { place } of repository.sources) {
    if (place.wing !== 'packages' || place.isTest || place.inside === undefined) continue;
    if (databaseOf(place.room) !== undefined)
      folders.set(place.room, [...(folders.get(place.room) ?? []), place.inside]);
  }
  return [...folders].flatMap(([room, files]) => judge(room, files));
}

function judge(room: string, files: readonly string[]): readonly Fault[] {
  const { order, required } = adapterShape(databaseOf(room) ?? '');
  const fault = (path: string, message: string): Fault => ({ path, line: 1, rule: RULE, message });
  const strangers = files
    .filter((file) => !order.includes(file))
    .map((file) =>
      fault(`packages/${room}/src/${file}.ts`, `is no part of an adapter; its files are ${order.join(', ')}`),
    );
  const missing = required
    .filter((file) => !files.includes(file))
    .map((file) => fault(`packages/${room}/package.json`, `has no src/${file}.ts; every adapter has one`));
  return [...strangers, ...missing];
}
