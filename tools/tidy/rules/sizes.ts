/**
 * Owns the sizes: how long a file and a function may be.
 * It must never know what the lines say.
 */
import { isCallExpression, isFunctionLikeDeclaration, isIdentifier, type Node } from 'typescript/unstable/ast';
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';
import { type Source, walk } from '../source.ts';

const FILE_LINES = 250;
const TEST_FILE_LINES = 400;
const FUNCTION_LINES = 50;

export function sizes(repository: Repository): readonly Fault[] {
  return repository.sources.flatMap((source) => [...fileSize(source), ...functionSizes(source)]);
}

function fileSize({ path, text, place }: Source): readonly Fault[] {
  const limit = place.isTest ? TEST_FILE_LINES : FILE_LINES;
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines <= limit) return [];
  return [{ path, line: limit + 1, rule: 'file-size', message: `${lines} lines, ${limit} at most; split it by noun` }];
}

function functionSizes(source: Source): readonly Fault[] {
  const faults: Fault[] = [];
  walk(source.syntax, (node) => {
    if (!isFunctionLikeDeclaration(node) || (source.place.isTest && isSuite(node))) return;
    const line = source.lineOf(node);
    const lines = source.syntax.getLineAndCharacterOfPosition(node.end).line + 2 - line;
    if (lines <= FUNCTION_LINES) return;
    const message = `${lines} lines, ${FUNCTION_LINES} at most; give its parts names`;
    faults.push({ path: source.path, line, rule: 'function-size', message });
  });
  return faults;
}

/** The function given to `describe`, `describe.each(…)` and the like is a list of tests, not a function to read at once. */
function isSuite(node: Node): boolean {
  if (!isCallExpression(node.parent)) return false;
  let called: Node = node.parent.expression;
  while (!isIdentifier(called)) {
    const inner: Node | undefined = called.forEachChild((child) => child);
    if (inner === undefined) return false;
    called = inner;
  }
  return called.text === 'describe';
}
