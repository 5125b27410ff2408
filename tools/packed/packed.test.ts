import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { collect, runTool } from '../workspace/tool.ts';
import { type Packed, packAll } from './packed.ts';

const stranger = await packAll();
const { folder, packages } = stranger;
afterAll(() => stranger.remove());

/** The name of every door, as it is imported. */
const doors = packages.flatMap(({ manifest }) =>
  Object.keys(manifest.exports).map((door) => manifest.name + door.slice(1)),
);

const packed = packages.map((one): [string, Packed] => [one.manifest.name, one]);

test.each(packed)(
  '%s is published with all that its manifest names, a page and a licence',
  (_, { manifest, files }) => {
    const doors = Object.values(manifest.exports).flatMap(({ types, default: code }) => [types, code]);
    const named = [...doors, ...Object.values(manifest.bin ?? {})].map((path) => posix.normalize(path));
    expect([...named, 'README.md', 'LICENSE'].filter((path) => !files.has(path))).toEqual([]);
  },
);

test.each(packed)(
  '%s is published without tests, and with every source that its maps lead to',
  (_, { folder, files }) => {
    const kept = [...files].filter((path) => !path.startsWith('examples/'));
    expect(kept.filter((path) => /\.test\.|tsbuildinfo|^test\//.test(path))).toEqual([]);
    const lost = kept.filter((path) => {
      if (!path.endsWith('.map')) return false;
      const { sources }: { sources: readonly string[] } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
      return sources.some((source) => !files.has(posix.join(posix.dirname(path), source)));
    });
    expect(lost).toEqual([]);
  },
);

test.each(packed)('%s asks for nothing that only this workspace has', (_, { manifest }) => {
  const ranges = Object.values({ ...manifest.dependencies, ...manifest.peerDependencies });
  expect(ranges.filter((range) => !/^(?:\^|>=)\d+\.\d+\.\d+/.test(range))).toEqual([]);
});

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'every door compiles in a strict project with module %s and moduleResolution %s',
  async (module, moduleResolution) => {
    const text = doors.map((door, index) => `export * as door${index} from '${door}';`).join('\n');
    writeFileSync(join(folder, 'all.mts'), text);
    const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2022', types: ['node'] };
    const configuration = { compilerOptions: { ...compilerOptions, module, moduleResolution }, files: ['all.mts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
    expect((await runTool('tsc', ['-p', folder, '--pretty', 'false'])).output).toBe('');
  },
);

test('every door opens by import and by require, in a program without types', async () => {
  writeFileSync(join(folder, 'by-import.mjs'), doors.map((door) => `await import('${door}');`).join('\n'));
  writeFileSync(join(folder, 'by-require.cjs'), doors.map((door) => `require('${door}');`).join('\n'));
  for (const program of ['by-import.mjs', 'by-require.cjs'])
    expect(await collect(process.execPath, [program], { folder })).toEqual({ exitCode: 0, output: '' });
});
