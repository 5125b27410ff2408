/**
 * Owns `soak`: a pool on real time under load and faults for as long as asked, its verdict shown, and the exit code.
 * It must never know what a soak consists of.
 */
import { readSoakArguments, type SoakArguments } from './arguments.ts';
import { type SoakReport, soak } from './soak.ts';
import type { SoakWorld } from './world.ts';

const asked = readSoakArguments(process.argv.slice(2));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  await run(asked);
}

async function run({ minutes, database, output }: SoakArguments): Promise<void> {
  const report = await soak(() => makeWorld(database), { lengthMs: minutes * 60_000, onProgress: showProgress });
  process.exitCode = report.faults.length === 0 ? 0 : 1;
  if (output === 'json') process.stdout.write(`${JSON.stringify({ database, minutes, ...report })}\n`);
  else show(report);
}

async function makeWorld(database: SoakArguments['database']): Promise<SoakWorld> {
  if (database === 'simulated') return new (await import('./simulated.ts')).SimulatedSoak();
  return (await import('./server.ts')).ServerSoak.set(database);
}

function showProgress(share: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${share < 1 ? `soaking   ${Math.round(share * 100)} %` : '\u001b[K'}`);
}

function show({ faults, slopeKilobytesPerMinute, samples: _, ...rest }: SoakReport): void {
  process.stdout.write(`${JSON.stringify(rest, undefined, 2)}\n`);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const verdict = faults.length === 0 ? 'nothing is left behind' : `${faults.length} faults`;
  process.stdout.write(`heap ${slopeKilobytesPerMinute.toFixed(1)} KB a minute: ${verdict}\n`);
}
