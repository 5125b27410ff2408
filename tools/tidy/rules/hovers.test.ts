import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { hovers } from './hovers.ts';

const MANIFEST = JSON.stringify({ exports: { '.': { default: './dist/index.js' } } });
const HEADER = '/** Owns a lease. It must never know a pool. */';
const MEMBER = 'has no comment; say what it is, its unit and its default, above it';

/** The faults of a package with one door and one file. */
function judge(text: string, door = "export * from 'nowhere';\nexport { Lease, lend } from './lease.ts';") {
  return faultsOf(hovers, {
    'packages/pool-core/package.json': MANIFEST,
    'packages/pool-core/src/index.ts': `${HEADER} ${door}`,
    'packages/pool-core/src/lease.ts': `${HEADER} ${text}`,
  });
}

test('what a door lets out and says nothing of itself is a fault, a member of it too', () => {
  const text = 'export interface Lease {\n  readonly heldMs: number;\n  release(): void;\n}\nexport function lend() {}';
  expect(judge(text)).toEqual([
    "packages/pool-core/src/lease.ts:1 hover: 'Lease' has no comment; say what it is, above it",
    `packages/pool-core/src/lease.ts:2 hover: 'Lease.heldMs' ${MEMBER}`,
    `packages/pool-core/src/lease.ts:3 hover: 'Lease.release' ${MEMBER}`,
    "packages/pool-core/src/lease.ts:5 hover: 'lend' has no comment; say what it is, above it",
  ]);
});

test('what says what it is is none, whatever stands between', () => {
  const text =
    '/** A loan. */\nexport interface Lease {\n  /** In ms. */\n  readonly heldMs: number;\n}\n' +
    '/** Lends. */\n// biome-ignore lint: as it has to be\nexport const lend = () => {};';
  expect(judge(text)).toEqual([]);
});

test('what no door lets out is nobody else to explain', () => {
  expect(judge('interface Inner { readonly x: number }\nexport class Desk { readonly y = 1; }')).toEqual([]);
});

test('a type that is spoken of is shown as well, also by what it extends; one of the same name elsewhere is not', () => {
  const text =
    '/** A loan. */\nexport interface Lease<Row> extends Base {\n  /** Whose. */\n  readonly of: Partial<Holder>;\n' +
    '  /** What. */\n  readonly row: Row;\n}\ninterface Base {\n  readonly a: number;\n}\ntype Holder = { readonly b: number };';
  const others = { 'packages/pool-core/src/row.ts': 'interface Row {\n  readonly c: number;\n}' };
  const found = faultsOf(hovers, {
    'packages/pool-core/package.json': MANIFEST,
    'packages/pool-core/src/index.ts': "export type { Lease } from './lease.ts';",
    'packages/pool-core/src/lease.ts': `${HEADER}\n${text}`,
    ...others,
  });
  expect(found.map((fault) => /'(.+?)'/.exec(fault)?.[1])).toEqual(['Base', 'Base.a', 'Holder', 'Holder.b']);
});

test('the body of a function, a constructor and what a class keeps to itself are shown to nobody', () => {
  const text =
    'interface Inner { readonly x: number }\n/** A loan. */\nexport class Lease {\n  readonly #inner: Inner;\n' +
    '  private readonly old: Inner;\n  constructor(inner: Inner) {}\n  /** Ends it. */\n  end(): void { const x: Inner = 1; }\n}';
  expect(judge(text)).toEqual([]);
});

test('a member that is one literal says itself, and what is overridden or asked for above was explained there', () => {
  const text =
    "/** A loan. */\nexport class Lease extends Base implements Loan {\n  readonly kind = 'lease';\n  override get name() { return ''; }\n" +
    "  release() {}\n}\n/** A loan as well. */\ninterface Loan {\n  /** Gives it back. */\n  release(): void;\n  readonly state: 'open';\n}\n" +
    "/** How. */\nexport type lend = { readonly kind: 'now' } | { readonly kind: 'then'; readonly inMs: number };";
  expect(judge(text).map((fault) => /'(.+?)'/.exec(fault)?.[1])).toEqual(['lend.inMs']);
});

test('a door may declare what it lets out', () => {
  expect(judge('', 'export interface Lease {}\ninterface Hidden {}')).toEqual([
    "packages/pool-core/src/index.ts:1 hover: 'Lease' has no comment; say what it is, above it",
  ]);
});
