/**
 * Owns the shape of a published package: its manifest, its README, and doors that are hand-written lists of names.
 * It must never know what a package does.
 */
import { isExportDeclaration, isNamedExports } from 'typescript/unstable/ast';
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';
import type { Source } from '../source.ts';
import type { Tree } from '../tree.ts';

const RULE = 'manifest';
const MANIFEST = /^packages\/([^/]+)\/package\.json$/;
const PUBLISHED = ['dist', 'src', 'README.md'];
const FIXED_FIELDS: Readonly<Record<string, unknown>> = {
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.12.0' },
};

interface Manifest {
  readonly name?: unknown;
  readonly description?: unknown;
  readonly files?: unknown;
  readonly exports?: unknown;
}

export function manifests({ tree, sources }: Repository): readonly Fault[] {
  const faults: Fault[] = [];
  for (const [path, text] of tree) {
    const room = MANIFEST.exec(path)?.[1];
    if (room === undefined) continue;
    for (const message of judgeManifest(room, JSON.parse(text), tree))
      faults.push({ path, line: 1, rule: RULE, message });
  }
  return [...faults, ...sources.filter(isDoor).flatMap(judgeDoor)];
}

function judgeManifest(room: string, manifest: Manifest, tree: Tree): readonly string[] {
  const expected = { name: `@cryo/${room}`, ...FIXED_FIELDS };
  return [
    ...Object.entries(expected).flatMap(([field, value]) => judgeField(manifest, field, value)),
    ...(typeof manifest.description === 'string'
      ? []
      : ['has no description; say in one sentence what the package is']),
    ...(tree.has(`packages/${room}/README.md`) ? [] : ['has no README.md beside it; write one with a first example']),
    ...judgeFiles(manifest.files),
    ...judgeExports(room, manifest.exports, tree),
  ];
}

function judgeField(manifest: object, field: string, expected: unknown): readonly string[] {
  const actual: unknown = Object.entries(manifest).find(([name]) => name === field)?.[1];
  const [isText, shouldText] = [JSON.stringify(actual) ?? 'missing', JSON.stringify(expected)];
  return isText === shouldText ? [] : [`${field} is ${isText}; make it ${shouldText}`];
}

function judgeFiles(files: unknown): readonly string[] {
  const published: readonly unknown[] = Array.isArray(files) ? files : [];
  return PUBLISHED.filter((entry) => !published.includes(entry)).map(
    (entry) => `files lacks '${entry}'; add it, so that it is published`,
  );
}

function judgeExports(room: string, doors: unknown, tree: Tree): readonly string[] {
  if (typeof doors !== 'object' || doors === null || !('.' in doors))
    return ["exports has no '.'; add the door of the package"];
  return Object.entries(doors).flatMap(([door, target]: [string, unknown]) => {
    const message = judgeTarget(room, target, tree);
    return message === undefined ? [] : [`exports '${door}' ${message}`];
  });
}

function judgeTarget(room: string, target: unknown, tree: Tree): string | undefined {
  const conditions = new Map<string, unknown>(
    Object.entries(typeof target === 'object' && target !== null ? target : {}),
  );
  const stem = /^\.\/dist\/(.+)\.js$/.exec(String(conditions.get('default')))?.[1];
  if (stem === undefined) return 'has no default below ./dist; point it at the built file';
  const [first, types] = [...conditions][0] ?? [];
  if (first !== 'types' || types !== `./dist/${stem}.d.ts`)
    return `does not start with its types; put types: ./dist/${stem}.d.ts first`;
  return tree.has(`packages/${room}/src/${stem}.ts`) ? undefined : `is built from src/${stem}.ts, which does not exist`;
}

function isDoor({ place }: Source): boolean {
  return place.wing === 'packages' && (place.inside === 'index' || (place.inside?.endsWith('/index') ?? false));
}

function judgeDoor(source: Source): readonly Fault[] {
  return source.syntax.statements
    .filter(
      (statement) =>
        !isExportDeclaration(statement) ||
        statement.exportClause === undefined ||
        !isNamedExports(statement.exportClause),
    )
    .map((statement) => {
      const message = 'a door holds only `export { names } from`; write the names out';
      return { path: source.path, line: source.lineOf(statement), rule: RULE, message };
    });
}
