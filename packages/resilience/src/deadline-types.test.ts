import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const typeRoots = [join(dirname(require.resolve('@types/node/package.json')), '..')];
const typescript = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

const PASSES_BOTH_WAYS = `
import { type AbortSignal as Ours, CallContext } from '${here}/deadline.ts';
import { circuitBreaker } from '${here}/breaker/breaker.ts';
import { consecutiveFailures } from '${here}/breaker/trip-rule.ts';
const breaker = circuitBreaker({ name: 'site', trip: consecutiveFailures(5), openForMs: 1_000 });
const controller = new AbortController();
const toOurs: Ours = controller.signal;
const toThePlatform: AbortSignal = new CallContext(1).signal;
const listened = toThePlatform.addEventListener('abort', () => {});
export const fetched: Promise<Response> = breaker.execute(
  (context) => fetch('https://example.org', { signal: context.signal }),
  { signal: controller.signal },
);
export { listened, toOurs };
`;

const WITHOUT_A_PLATFORM = `
import { CallContext } from '${here}/deadline.ts';
const { signal } = new CallContext(1);
export const state: [boolean, unknown] = [signal.aborted, signal.reason];
signal.addEventListener('abort', () => {}, { once: true });
`;

describe('the type of a signal', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signal-types-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the platform own in a project with DOM types', () => {
    expect(compile(PASSES_BOTH_WAYS, { lib: ['ES2023', 'ESNext.Disposable', 'DOM'], types: [] })).toBe('');
  });

  it('is the platform own in a project with Node types', () => {
    expect(compile(PASSES_BOTH_WAYS, { lib: ['ES2023', 'ESNext.Disposable'], types: ['node'] })).toBe('');
  });

  it('is the part of it that is used here in a project with neither', () => {
    expect(compile(WITHOUT_A_PLATFORM, { lib: ['ES2023', 'ESNext.Disposable'], types: [] })).toBe('');
  });

  it('is not any type at all, so that a wrong signal is found', () => {
    const wrong = `import type { ExecuteOptions } from '${here}/call.ts';\nexport const options: ExecuteOptions = { signal: 'stop' };`;
    expect(compile(wrong, { lib: ['ES2023', 'DOM'], types: [] })).toContain('TS2322');
  });

  function compile(source: string, options: { readonly lib: readonly string[]; readonly types: readonly string[] }) {
    writeFileSync(join(folder, 'example.ts'), source);
    const compilerOptions = { target: 'ES2023', module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true };
    const config = {
      compilerOptions: {
        ...compilerOptions,
        exactOptionalPropertyTypes: true,
        allowImportingTsExtensions: true,
        typeRoots,
        ...options,
      },
      files: ['example.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout, stderr } = spawnSync(process.execPath, [typescript, '-p', folder], { encoding: 'utf8' });
    return stdout + stderr;
  }
});
