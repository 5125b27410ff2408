/**
 * Owns the syntax of the TypeScript files of the tree: parsed once, with the place of each file in the house.
 * It must never know the rules.
 */
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { parseAll } from './parser.ts';
import type { Tree } from './tree.ts';

/** Where a file stands: `packages/pool-core/src/sizer/fixed.ts` is `sizer/fixed` in the room `pool-core` of `packages`. */
export interface Place {
  readonly wing: 'packages' | 'apps' | 'tools';
  readonly room: string;
  /** Path below `src` without `.ts`; `undefined` for a file that stands outside `src`. */
  readonly inside: string | undefined;
  readonly isTest: boolean;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly place: Place;
  readonly syntax: SourceFile;
  lineOf(node: Node): number;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

const PLACE = /^(packages|apps|tools)\/([^/]+)\/(.+)\.ts$/;

/** The place of a TypeScript file, or `undefined` for any other file. */
export function placeOf(path: string): Place | undefined {
  const [, wing, room, rest] = PLACE.exec(path) ?? [];
  if (wing === undefined || room === undefined || rest === undefined) return undefined;
  return {
    wing: wing as Place['wing'],
    room,
    inside: rest.startsWith('src/') ? rest.slice('src/'.length) : undefined,
    isTest: rest.endsWith('.test') || /^(test|examples)\//.test(rest),
  };
}

/** Parses every TypeScript file that has a place in the house. */
export function parseSources(tree: Tree): readonly Source[] {
  const files = new Map([...tree].filter(([path]) => placeOf(path) !== undefined));
  return [...parseAll(files)].flatMap(([path, syntax]) => {
    const place = placeOf(path);
    const lineOf = (node: Node): number => syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
    return place === undefined ? [] : [{ path, text: syntax.text, place, syntax, lineOf }];
  });
}

/** Every module that a file names: imports, re-exports, dynamic imports and `import('…')` types. */
export function importsOf(source: Source): readonly Import[] {
  const imports: Import[] = [];
  walk(source.syntax, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ specifier, line: source.lineOf(node) });
  });
  return imports;
}

/** Visits a node and everything below it, in the order of the text. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

function specifierOf(node: Node): string | undefined {
  const named = namedModule(node);
  return named !== undefined && isStringLiteral(named) ? named.text : undefined;
}

function namedModule(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}
