import { expect, test } from 'vitest';
import { formatFault } from './fault.ts';
import { treeOf } from './fixture.ts';
import { inspect } from './tidy.ts';

test('every rule is asked, and the faults come in reading order', () => {
  const tree = treeOf({
    'packages/resilience/package.json': JSON.stringify({ name: '@cryo/resilience' }),
    'packages/resilience/src/errors.ts': `import './random.ts';\nimport 'node:fs';\nDate.now();\n${'//\n'.repeat(250)}`,
    'packages/testkit/package.json': JSON.stringify({ exports: { '.': { default: './dist/index.js' } } }),
    'packages/testkit/src/index.ts': '/** One. Two. */\nexport type Step = number;',
    'docs/PAGE.md': '[gone](gone.md) [said](gone.test.ts)',
    'packages/pool-pg/src/pg-types.ts': `/** One. Two. */\n// ${['', 'home', 'x'].join('/')}`,
  });
  const faults = inspect(tree);
  const rules = new Set(faults.map(({ rule }) => rule));
  expect([...rules].toSorted()).toEqual(
    [
      'adapter-shape',
      'banned-call',
      'file-order',
      'file-size',
      'header',
      'hover',
      'import-floor',
      'link',
      'machine-trace',
      'manifest',
      'sentence',
    ].toSorted(),
  );
  const inErrors = faults.filter(({ path }) => path.endsWith('errors.ts'));
  expect(inErrors.map(({ line, rule }) => `${line} ${rule}`)).toEqual([
    '1 file-order',
    '1 header',
    '2 import-floor',
    '3 banned-call',
    '251 file-size',
  ]);
  const shape = faults.find(({ rule }) => rule === 'adapter-shape');
  expect(formatFault(shape ?? expect.fail())).toMatch(/^packages\/pool-pg\/package\.json:1 adapter-shape: /);
});
