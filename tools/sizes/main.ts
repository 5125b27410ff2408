/**
 * Owns the table of sizes: weighs every bundle, shows the table, and with `--record` keeps it as what the tests guard.
 * It must never know how a bundle is made.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace/tool.ts';
import { BUNDLES, weigh } from './bundles.ts';
import { partsOf } from './parts.ts';

const recorded: Record<string, number> = {};
const rows = ['| Imported | minified | gzipped | goal |', '| --- | ---: | ---: | ---: |'];
const parts = ['| What the first is made of | minified |', '| --- | ---: |'];
for (const [index, bundle] of BUNDLES.entries()) {
  const { minifiedBytes, gzippedBytes, files } = await weigh(bundle);
  recorded[bundle.name] = gzippedBytes;
  rows.push(`| ${bundle.name} | ${show(minifiedBytes)} | ${show(gzippedBytes)} | ${show(bundle.goalBytes)} |`);
  if (index === 0) for (const [part, bytes] of partsOf(files)) parts.push(`| ${part} | ${show(bytes)} |`);
}
const table = rows.join('\n');
process.stdout.write(`${table}\n\n${parts.join('\n')}\n`);
if (process.argv.includes('--record')) record();

function record(): void {
  writeFileSync(join(ROOT, 'tools/sizes/recorded.json'), `${JSON.stringify(recorded, undefined, 2)}\n`);
  writeFileSync(join(ROOT, 'docs/SIZES.md'), page());
}

function page(): string {
  return `# Sizes

What importing from \`@cryo/resilience\` adds to a bundle, in bytes: bundled and minified by esbuild, gzipped at level 9.
The tests fail when a bundle weighs over 5 % more than recorded here. A goal that is not reached stands beside the
size as it is.

${table}

What is optional is a value that is imported and passed, and comes only with who does: trip rules, backoffs, \`recoveryRamp\`,
\`snapshotOf\`, \`fromSnapshot\`, \`openForRetryAfter\`, a \`Registry\` with all words for what is counted. What is left of the first row is
what a breaker and a retry do for everybody, and so are checked options, ready-made timers and the loop that composed policies run in:

${parts.join('\n')}

Recorded on ${new Date().toISOString().slice(0, 10)}. Again: \`npx pnpm sizes --record\`
`;
}

function show(bytes: number | undefined): string {
  return bytes === undefined ? '' : bytes.toLocaleString('en');
}
