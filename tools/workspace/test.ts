/**
 * Owns `pnpm test`: every check and every test of the workspace, once, with one line of verdict at the end.
 * It must never know what a stage does; it is quiet when piped and shows failures in full.
 */
import { startProgress } from './progress.ts';
import { STAGES, type Stage } from './stages.ts';
import { addVerdicts, NOTHING, skipLines, type Verdict, verdictLine } from './verdict.ts';

let total = NOTHING;
let isBuilt = true;

for (const stage of STAGES) {
  const verdict: Verdict = stage.needsBuild && !isBuilt ? skip(stage) : await run(stage);
  if (stage.name === 'build') isBuilt = verdict.failed === 0;
  total = addVerdicts(total, verdict);
}

for (const line of skipLines(total)) print(line);
print(verdictLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;

async function run(stage: Stage): Promise<Verdict> {
  const progress = startProgress(stage.name);
  const { verdict, output } = await stage.run(progress);
  progress.finish('keep');
  if (verdict.failed > 0) print(`${stage.name} failed:\n${output}\n`);
  return verdict;
}

function skip(stage: Stage): Verdict {
  return { ...NOTHING, skipped: [{ name: stage.name, reason: 'it judges built files, and the build failed' }] };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
