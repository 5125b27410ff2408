/**
 * Owns the order of files: a source file imports only files that stand before it in the list of its package.
 * It must never know what packages may import from one another; that is another rule.
 */
import { posix } from 'node:path';
import type { Fault } from '../fault.ts';
import { fileOrder } from '../order.ts';
import type { Repository } from '../rule.ts';
import { importsOf, type Source } from '../source.ts';

const RULE = 'file-order';

export function filesInOrder(repository: Repository): readonly Fault[] {
  return repository.sources.filter(isOrdered).flatMap((source) => judge(source));
}

function isOrdered({ place }: Source): boolean {
  return place.wing === 'packages' && place.inside !== undefined && !place.isTest;
}

function judge(source: Source): readonly Fault[] {
  const { room, inside = '' } = source.place;
  const fault = (line: number, message: string): Fault => ({ path: source.path, line, rule: RULE, message });
  const order = fileOrder(room);
  if (order === undefined) return [fault(1, `${room} has no list of files; write one in tools/tidy/order.ts`)];
  const position = order.indexOf(inside);
  if (position < 0)
    return [fault(1, `${inside} is not in the list of ${room}; put it where it belongs in tools/tidy/order.ts`)];
  return importsOf(source).flatMap(({ specifier, line }) => {
    const target = targetOf(inside, specifier);
    const message = target === undefined ? undefined : judgeImport(order, inside, target);
    return message === undefined ? [] : [fault(line, message)];
  });
}

function judgeImport(order: readonly string[], inside: string, target: string): string | undefined {
  if (isTesting(target) && !isTesting(inside)) return `imports ${target}; nothing outside testing/ may import a fake`;
  const position = order.indexOf(target);
  if (position < 0) return `imports ${target}, which is not in the list of its package; add it to tools/tidy/order.ts`;
  if (position < order.indexOf(inside)) return undefined;
  return `imports ${target}, which stands after ${inside}; move what is shared into a file before both`;
}

function isTesting(inside: string): boolean {
  return inside.startsWith('testing/');
}

function targetOf(inside: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(inside), specifier).replace(/\.ts$/, '');
}
