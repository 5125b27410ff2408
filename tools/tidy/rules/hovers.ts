/**
 * Owns what an editor shows of a package: whatever a door lets out, and every type that it speaks of, is documented member by member.
 * It must never know what is said there. A member that is one literal says itself, and an inherited one was said before.
 */
import {
  isClassDeclaration,
  isExportDeclaration,
  isExportSpecifier,
  isExpressionWithTypeArguments,
  isFunctionDeclaration,
  isHeritageClause,
  isIdentifier,
  isImportDeclaration,
  isImportSpecifier,
  isInterfaceDeclaration,
  isIntersectionTypeNode,
  isLiteralTypeNode,
  isParenthesizedTypeNode,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isStringLiteral,
  isTypeAliasDeclaration,
  isTypeLiteralNode,
  isTypeReferenceNode,
  isUnionTypeNode,
  isVariableStatement,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';
import { type Source, walk } from '../source.ts';

const RULE = 'hover';
const DOCUMENTED = /\/\*\*(?!\/)[\s\S]*?\*\/\s*(?:\/\/.*\s*)*$/;
const HEADER = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//;
const DOOR = /^\.\/dist\/(.+)\.js$/;

/** What is nobody's to see: how something is done, or begun. */
const HIDDEN = new Set([SyntaxKind.Block, SyntaxKind.Constructor, SyntaxKind.CallExpression, SyntaxKind.AsExpression]);

/** Something that a file declares at its top, by name. */
interface Declared {
  readonly name: string;
  readonly node: Node;
  readonly source: Source;
}

export function hovers(repository: Repository): readonly Fault[] {
  const rooms = grouped(
    repository.sources.filter(({ place }) => place.wing === 'packages' && place.inside !== undefined && !place.isTest),
    ({ place }) => place.room,
  );
  return [...rooms].flatMap(([room, sources]) => judgeRoom(sources, doorsOf(repository, room)));
}

function grouped<Element>(
  list: readonly Element[],
  keyOf: (element: Element) => string,
): ReadonlyMap<string, readonly Element[]> {
  const groups = new Map<string, Element[]>();
  for (const element of list) groups.set(keyOf(element), [...(groups.get(keyOf(element)) ?? []), element]);
  return groups;
}

/** The files that a package lets others import. */
function doorsOf({ tree }: Repository, room: string): ReadonlySet<string> {
  const manifest: { exports?: Readonly<Record<string, { default?: unknown }>> } = JSON.parse(
    tree.get(`packages/${room}/package.json`) ?? '{}',
  );
  return new Set(Object.values(manifest.exports ?? {}).map(({ default: file }) => DOOR.exec(String(file))?.[1] ?? ''));
}

function judgeRoom(sources: readonly Source[], doors: ReadonlySet<string>): readonly Fault[] {
  const declared = grouped(sources.flatMap(declarationsOf), ({ name }) => name);
  const names = sources.filter(({ place }) => doors.has(place.inside ?? '')).flatMap(namesLetOut);
  const seen = new Set<Declared>();
  const faults: Fault[] = [];
  for (const name of names) visit(name);
  return faults;

  function visit(name: string): void {
    for (const one of declared.get(name) ?? []) {
      if (seen.has(one)) continue;
      seen.add(one);
      faults.push(...judge(one, declared));
      const known = namesKnownIn(one.source);
      for (const type of typesIn(one.node)) if (known.has(type)) visit(type);
    }
  }
}

function declarationsOf(source: Source): readonly Declared[] {
  return source.syntax.statements.flatMap((node): readonly Declared[] => {
    if (isVariableStatement(node))
      return node.declarationList.declarations.flatMap(({ name }) =>
        isIdentifier(name) ? [{ name: name.text, node, source }] : [],
      );
    const isNamed =
      isFunctionDeclaration(node) ||
      isClassDeclaration(node) ||
      isInterfaceDeclaration(node) ||
      isTypeAliasDeclaration(node);
    return isNamed && node.name !== undefined ? [{ name: node.name.text, node, source }] : [];
  });
}

/** What a door names, or declares itself. */
function namesLetOut(door: Source): readonly string[] {
  const names: string[] = [];
  for (const statement of door.syntax.statements) {
    if (!isExportDeclaration(statement)) continue;
    walk(statement, (node) => {
      if (isExportSpecifier(node)) names.push((node.propertyName ?? node.name).text);
    });
  }
  return [...names, ...declarationsOf(door).flatMap(({ name, node }) => (isExported(node) ? [name] : []))];
}

function judge({ name, node, source }: Declared, declared: ReadonlyMap<string, readonly Declared[]>): readonly Fault[] {
  const fault = (at: Node, message: string): Fault => ({
    path: source.path,
    line: source.lineOf(at),
    rule: RULE,
    message,
  });
  const own = isDocumented(source, node) ? [] : [fault(node, `'${name}' has no comment; say what it is, above it`)];
  const inherited = namesFromAbove(node, declared);
  const silent = membersOf(node).filter(
    (member) => !isDocumented(source, member) && !saysItself(member) && !inherited.has(nameOf(member)),
  );
  const inside = silent.map((member) =>
    fault(member, `'${name}.${nameOf(member)}' has no comment; say what it is, its unit and its default, above it`),
  );
  return [...own, ...inside];
}

/** The header of a file is about the file. */
function isDocumented({ text, syntax }: Source, node: Node): boolean {
  const header = HEADER.exec(text)?.[0].length ?? 0;
  return DOCUMENTED.test(text.slice(Math.max(header, node.getFullStart()), node.getStart(syntax)));
}

function isExported(node: Node): boolean {
  return hasModifier(node, SyntaxKind.ExportKeyword);
}

function hasModifier(node: Node, kind: SyntaxKind): boolean {
  const { modifiers }: { modifiers?: Iterable<Node> | undefined } = node as object;
  return [...(modifiers ?? [])].some((modifier) => modifier.kind === kind);
}

/** The members that a reader of the type sees. */
function membersOf(node: Node): readonly Node[] {
  if (isInterfaceDeclaration(node) || isTypeLiteralNode(node)) return [...node.members].filter(hasName);
  if (isClassDeclaration(node)) return [...node.members].filter((member) => hasName(member) && !isHidden(member));
  if (isTypeAliasDeclaration(node)) return membersOf(node.type);
  if (isUnionTypeNode(node) || isIntersectionTypeNode(node)) return [...node.types].flatMap(membersOf);
  return isParenthesizedTypeNode(node) ? membersOf(node.type) : [];
}

function isHidden(member: Node): boolean {
  const kinds = [SyntaxKind.PrivateKeyword, SyntaxKind.ProtectedKeyword, SyntaxKind.OverrideKeyword];
  return kinds.some((kind) => hasModifier(member, kind));
}

/** A member with a name that can be written after a dot or in quotes: no constructor, no `#field`, no symbol. */
function hasName(member: Node): boolean {
  return nameOf(member) !== '';
}

function nameOf(member: Node): string {
  const { name }: { name?: Node | undefined } = member as object;
  return name !== undefined && (isIdentifier(name) || isStringLiteral(name)) ? name.text : '';
}

/** `kind: 'latency'` and `name = 'TimeoutError'` need no words. */
function saysItself(member: Node): boolean {
  if (isPropertySignatureDeclaration(member)) return member.type !== undefined && isLiteralTypeNode(member.type);
  return isPropertyDeclaration(member) && member.initializer !== undefined && isStringLiteral(member.initializer);
}

/** The members of what a class or an interface is made from: an editor shows their comments where there is none. */
function namesFromAbove(node: Node, declared: ReadonlyMap<string, readonly Declared[]>): ReadonlySet<string> {
  if (!isClassDeclaration(node) && !isInterfaceDeclaration(node)) return new Set();
  const names: string[] = [];
  for (const clause of node.heritageClauses ?? [])
    walk(clause, (part) => {
      if (isIdentifier(part)) names.push(part.text);
    });
  const above = names.flatMap((name) => declared.get(name) ?? []).filter((one) => one.node !== node);
  return new Set(above.flatMap((one) => [...membersOf(one.node).map(nameOf), ...namesFromAbove(one.node, declared)]));
}

/** What a name may mean in a file beside a parameter of a type: what the file declares, or imports. */
function namesKnownIn(source: Source): ReadonlySet<string> {
  const names = new Set(declarationsOf(source).map(({ name }) => name));
  for (const statement of source.syntax.statements)
    if (isImportDeclaration(statement))
      walk(statement, (node) => {
        if (isImportSpecifier(node)) names.add(node.name.text);
      });
  return names;
}

/** The names of all types that a declaration speaks of where a reader sees it: not in the body of a function, nor in what a class keeps to itself. */
function typesIn(node: Node): readonly string[] {
  const names: string[] = [];
  const visit = (part: Node): void => {
    if (HIDDEN.has(part.kind)) return;
    const isMember = isClassDeclaration(part.parent) || isInterfaceDeclaration(part.parent);
    if (isMember && !isHeritageClause(part) && (!hasName(part) || isHidden(part))) return;
    if (isTypeReferenceNode(part) && isIdentifier(part.typeName)) names.push(part.typeName.text);
    if (isExpressionWithTypeArguments(part) && isIdentifier(part.expression)) names.push(part.expression.text);
    part.forEachChild(visit);
  };
  node.forEachChild(visit);
  return names;
}
