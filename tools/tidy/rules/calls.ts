/**
 * Owns the banned calls: real time, real chance and the console, outside the few files that own them.
 * It must never know who needs them instead; a caller takes a Clock, Timers or Random as a parameter.
 */
import {
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import type { Fault } from '../fault.ts';
import { SOURCES_OF_TIME_AND_CHANCE } from '../order.ts';
import type { Repository } from '../rule.ts';
import { importsOf, type Source, walk } from '../source.ts';

const RULE = 'banned-call';
const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'];
const TIME_AND_CHANCE = new Set([
  ...TIMERS,
  ...['Date.now', 'new Date()', 'performance.now', 'performance.timeOrigin', 'process.hrtime', 'process.uptime'],
  ...['AbortSignal.timeout', 'Math.random', 'crypto.randomUUID'],
]);
const BANNED_MODULES = new Set(['node:timers', 'node:timers/promises', 'node:perf_hooks']);

/** `{ setTimeout }` as a value, and as a pattern that takes it from an object. */
const READ_BY_NAME = new Set([SyntaxKind.ShorthandPropertyAssignment, SyntaxKind.BindingElement]);
const TYPE_NAMES = new Set([SyntaxKind.TypeQuery, SyntaxKind.QualifiedName, SyntaxKind.TypeReference]);

export function bannedCalls(repository: Repository): readonly Fault[] {
  return repository.sources
    .filter(({ place }) => place.wing !== 'tools' && !place.isTest)
    .flatMap((source) => [...bannedNames(source), ...bannedModules(source)]);
}

function bannedNames(source: Source): readonly Fault[] {
  const allowed = SOURCES_OF_TIME_AND_CHANCE.get(source.path) ?? [];
  const faults: Fault[] = [];
  walk(source.syntax, (node) => {
    const name = nameUsed(node);
    if (name === undefined || allowed.includes(name)) return;
    const message = source.place.wing === 'apps' ? judgeInApp(name) : judgeInPackage(name);
    if (message !== undefined) faults.push({ path: source.path, line: source.lineOf(node), rule: RULE, message });
  });
  return faults;
}

function judgeInPackage(name: string): string | undefined {
  if (name.startsWith('console.'))
    return `${name} prints from a library; emit an event or take a logger as a parameter`;
  if (TIME_AND_CHANCE.has(name)) return `${name} is real time or chance; take a Clock, Timers or Random as a parameter`;
  return undefined;
}

/** An app is where the real world begins: it may print and read clocks. But a run that has a seed must repeat. */
function judgeInApp(name: string): string | undefined {
  return name === 'Math.random'
    ? `${name} cannot be repeated; use a seeded Random, or systemRandom from outside`
    : undefined;
}

function bannedModules(source: Source): readonly Fault[] {
  if (source.place.wing === 'apps') return [];
  return importsOf(source)
    .filter(({ specifier }) => BANNED_MODULES.has(specifier))
    .map(({ specifier, line }) => {
      const message = `'${specifier}' is real time; take a Clock or Timers as a parameter`;
      return { path: source.path, line, rule: RULE, message };
    });
}

/** The global that a node uses: `Date.now`, `setTimeout`, `new Date()`; a property of that name on anything else is none. */
function nameUsed(node: Node): string | undefined {
  if (isNewExpression(node)) return isBareDate(node) ? 'new Date()' : undefined;
  if (isPropertyAccessExpression(node)) {
    if (isGlobal(node.expression)) return node.name.text;
    const owner = globalName(node.expression);
    return owner === undefined ? undefined : `${owner}.${node.name.text}`;
  }
  return isIdentifier(node) && TIMERS.includes(node.text) && isReference(node) ? node.text : undefined;
}

function isBareDate(node: Node): boolean {
  return isNewExpression(node) && globalName(node.expression) === 'Date' && (node.arguments?.length ?? 0) === 0;
}

function globalName(node: Node): string | undefined {
  if (isIdentifier(node)) return node.text;
  return isPropertyAccessExpression(node) && isGlobal(node.expression) ? node.name.text : undefined;
}

function isGlobal(node: Node): boolean {
  return isIdentifier(node) && node.text === 'globalThis';
}

/** False where the identifier only names something: a property, a member, a declaration, a key. */
function isReference(node: Node): boolean {
  const { parent } = node;
  if (isPropertyAccessExpression(parent)) return parent.expression === node;
  if (READ_BY_NAME.has(parent.kind)) return true;
  const isName =
    ('name' in parent && parent.name === node) || ('propertyName' in parent && parent.propertyName === node);
  return !isName && !TYPE_NAMES.has(parent.kind);
}
