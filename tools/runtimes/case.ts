/**
 * Owns what is run everywhere: every example of the resilience package's documents, and the short checks of real time.
 * It must never know a runtime.
 */
import { stripTypeScriptTypes } from 'node:module';
import { documents, examplesOf } from '../examples/check.ts';
import type { Example } from '../examples/extract.ts';
import { policyChecks } from './harness/smoke-policies.ts';
import { endingChecks, timeChecks } from './harness/smoke-time.ts';

export interface Case {
  readonly kind: 'example' | 'check';
  /** Where a reader finds it now. */
  readonly name: string;
  /** The same for a page that is kept: without a line, which moves. */
  readonly title: string;
  /** JavaScript, with imports that hold below `cases/`. */
  readonly code: string;
  /** What it needs beyond a web platform, such as `node:http`. */
  readonly needs: readonly string[];
  /** Whether it makes assertions. Then one that ends without having made any has failed. */
  readonly asserts: boolean;
}

const OWN = /^packages\/resilience\//;
const IMPORTED = /^(?:import|\} from)\b[^;]*?'(node:[^']+)';$/gm;

export function allCases(): readonly Case[] {
  const examples = documents()
    .filter((document) => OWN.test(document))
    .flatMap(examplesOf);
  return [
    ...examples.filter(({ mode }) => mode === 'run').map(caseOf),
    ...checks('smoke-time', 'timeChecks', timeChecks),
    ...checks('smoke-time', 'endingChecks', endingChecks, ['a process that ends by itself']),
    ...checks('smoke-policies', 'policyChecks', policyChecks),
  ];
}

/** An example as JavaScript, whose assertions are counted. */
export function caseOf({ document, heading, line, code }: Omit<Example, 'mode'>): Case {
  const imported = [...code.matchAll(IMPORTED)].map(([, name = '']) => name);
  return {
    kind: 'example',
    name: `${document}:${line}`,
    title: `${document}, "${heading}"`,
    code: stripTypes(code)
      .replaceAll(/^(.*\bfrom )'node:assert';/gm, "$1'../harness/assert.js';")
      .replaceAll(/^(.*\bfrom )'@cryo\/resilience';/gm, "$1'../harness/resilience.js';"),
    needs: imported.filter((name) => name !== 'node:assert'),
    asserts: /\bassert\b/.test(code),
  };
}

function checks(file: string, list: string, functions: object, needs: readonly string[] = []): readonly Case[] {
  return Object.keys(functions).map((name) => {
    const code = `import { ${list} } from '../harness/${file}.js';\nawait ${list}[${JSON.stringify(name)}]();\n`;
    return { kind: 'check', name, title: name, code, needs, asserts: true };
  });
}

/** JavaScript of the same lines and columns. */
export function stripTypes(code: string): string {
  const { emitWarning } = process;
  // Node calls the function experimental, which is no news to whoever runs the examples.
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}
