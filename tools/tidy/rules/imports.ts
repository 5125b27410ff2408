/**
 * Owns the import floors: a package imports only what stands on a lower floor, and only through its doors.
 * It must never know the order of files inside a package; that is another rule.
 */
import { isBuiltin } from 'node:module';
import type { Fault } from '../fault.ts';
import { databaseOf, FLOORS, NODE_IMPORTS } from '../order.ts';
import type { Repository } from '../rule.ts';
import { type Import, importsOf, type Source } from '../source.ts';

const RULE = 'import-floor';
const OURS = /^@cryo\/([^/]+)(?:\/(.+))?$/;
const TEST_TOOLS = ['vitest', 'fast-check'];

export function importFloors(repository: Repository): readonly Fault[] {
  return repository.sources.flatMap((source) =>
    importsOf(source).flatMap((imported) => {
      const message = judge(source, imported.specifier, repository);
      return message === undefined ? [] : [faultAt(source, imported, message)];
    }),
  );
}

function faultAt(source: Source, imported: Import, message: string): Fault {
  return { path: source.path, line: imported.line, rule: RULE, message: `'${imported.specifier}' ${message}` };
}

function judge(source: Source, specifier: string, repository: Repository): string | undefined {
  if (specifier.startsWith('.')) return judgeRelative(source, specifier);
  if (source.place.wing === 'tools') return undefined;
  if (isBuiltin(specifier)) return judgeBuiltin(source, specifier);
  const [, room, door] = OURS.exec(specifier) ?? [];
  if (room !== undefined) return judgeOurs(source, room, door);
  return judgeForeign(source, specifier, repository);
}

function judgeRelative(source: Source, specifier: string): string | undefined {
  if (!specifier.endsWith('.ts')) return 'is a relative import without its extension; end it in .ts';
  const depth = source.path.split('/').length - (source.place.wing === 'tools' ? 2 : 3);
  const climbs = specifier.split('/').filter((part) => part === '..').length;
  return climbs > depth ? 'leaves its package; import the other package by its npm name' : undefined;
}

function judgeBuiltin(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return `is a module of Node; write 'node:${specifier}'`;
  const { wing, room, inside, isTest } = source.place;
  if (wing === 'apps' || isTest) return undefined;
  const allowed = NODE_IMPORTS.get(room) ?? [];
  const entry = inside?.split('/')[0];
  if (allowed.includes('*') || (entry !== undefined && allowed.includes(entry))) return undefined;
  return `may not be imported by ${room}, which has to run without Node; take what you need as a parameter`;
}

function judgeOurs(source: Source, room: string, door: string | undefined): string | undefined {
  if (!FLOORS.has(room)) return 'is not a package of ours; check the name, or give it a floor in tools/tidy/order.ts';
  const testDoor = judgeTestDoor(source, door);
  if (source.place.wing === 'apps' || testDoor !== undefined) return testDoor;
  return judgeFloor(source, room);
}

function judgeTestDoor({ place }: Source, door: string | undefined): string | undefined {
  const mayTest =
    place.isTest || place.wing === 'apps' || place.room === 'testkit' || place.inside?.startsWith('testing/');
  return door === 'testing' && !mayTest
    ? 'is a fake for tests; only tests, testing/ and testkit may import it'
    : undefined;
}

function judgeFloor({ place }: Source, room: string): string | undefined {
  const own = FLOORS.get(place.room);
  if (own === undefined) return `is imported by ${place.room}, which has no floor; give it one in tools/tidy/order.ts`;
  if (room === place.room) return 'is its own package; import the file itself';
  if (room === 'testkit' && place.isTest && databaseOf(place.room) !== undefined) return undefined;
  const floor = FLOORS.get(room) ?? 0;
  if (floor < own) return undefined;
  return floor === own
    ? 'is a room on the same floor; rooms do not see each other'
    : 'stands on a higher floor; imports point down only';
}

function judgeForeign(source: Source, specifier: string, { tree }: Repository): string | undefined {
  const { wing, room, isTest } = source.place;
  if (wing === 'apps' || (isTest && TEST_TOOLS.includes(packageNameOf(specifier)))) return undefined;
  if ((FLOORS.get(room) ?? 0) < 2) return `is a foreign package; ${room} imports none`;
  const fields = isTest
    ? ['peerDependencies', 'dependencies', 'devDependencies']
    : ['peerDependencies', 'dependencies'];
  const manifest: Record<string, Record<string, string>> = JSON.parse(tree.get(`${wing}/${room}/package.json`) ?? '{}');
  const isNamed = fields.some((field) => Object.hasOwn(manifest[field] ?? {}, packageNameOf(specifier)));
  return isNamed ? undefined : `is not in the ${fields[0]} of ${room}; add it there or do without it`;
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
