/**
 * Owns the table of sizes: weighs every bundle, shows the table, and with `--record` keeps it as what the tests guard.
 * It must never know how a bundle is made.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace/tool.ts';
import { BUNDLES, weigh } from './bundles.ts';

const recorded: Record<string, number> = {};
const rows = ['| Imported | minified | gzipped | goal |', '| --- | ---: | ---: | ---: |'];
for (const bundle of BUNDLES) {
  const { minifiedBytes, gzippedBytes } = await weigh(bundle);
  recorded[bundle.name] = gzippedBytes;
  rows.push(`| ${bundle.name} | ${show(minifiedBytes)} | ${show(gzippedBytes)} | ${show(bundle.goalBytes)} |`);
}
const table = rows.join('\n');
process.stdout.write(`${table}\n`);
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

Recorded on ${new Date().toISOString().slice(0, 10)}. Again: \`npx pnpm sizes --record\`
`;
}

function show(bytes: number | undefined): string {
  return bytes === undefined ? '' : bytes.toLocaleString('en');
}
