import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { machineTraces } from './machine-traces.ts';

const judge = (path: string, text: string) => faultsOf(machineTraces, { [path]: text });
// Written in parts, so that this file holds no such path itself.
const home = ['', 'home', 'somebody', 'cryo'].join('/');
const workplace = ['', 'work', 'cryo'].join('/');

test('a path of one machine is a fault in any file', () => {
  expect(judge('docs/GUIDE.md', `first\nsee ${home}`)).toEqual([
    `docs/GUIDE.md:2 machine-trace: names the path '${home.slice(0, 7)}…' of one machine; write it relative to the repository`,
  ]);
  expect(judge('tools/x/main.ts', `const folder = '${workplace}';`)).toHaveLength(1);
  expect(judge('.ci/run', `cd ${workplace}`)).toHaveLength(1);
});

test('addresses and words that only look alike are none', () => {
  expect(judge('README.md', `https://example.org${home} and ./work/x and frame/work/x and /workspace/x`)).toEqual([]);
});

test('a lockfile that installs from a local registry is a fault, a document that names a local page is not', () => {
  const line = 'tarball: http://localhost:4873/vitest.tgz';
  expect(judge('pnpm-lock.yaml', line)).toEqual([
    "pnpm-lock.yaml:1 machine-trace: installs from 'localhost:4873'; use the public registry",
  ]);
  expect(judge('.npmrc', 'registry=http://127.0.0.1:4873')).toHaveLength(1);
  expect(judge('README.md', 'open http://localhost:8080')).toEqual([]);
});
