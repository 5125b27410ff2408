/**
 * Owns the browser: headless, with a new profile, on a page that runs the cases one after the other in frames.
 * It must never know what a case does, nor reach beyond the loopback address.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { collect } from '../workspace/tool.ts';
import type { Case } from './case.ts';
import { servePage } from './page.ts';
import type { Place } from './place.ts';
import type { Ending, Sought } from './runtime.ts';

const NAME = 'Chromium';
const PROGRAMS = [
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const PARAMETERS = [
  ...['--headless', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions'],
];
const ANSWER_LIMIT_MS = 30_000;
/** Longer than the page's own limit for one case: who is silent for that long has crashed. */
const SILENCE_LIMIT_MS = 60_000;

/** The one that `CRYO_CHROMIUM` names, or one of the usual names. */
export async function seekChromium(): Promise<Sought> {
  const asked = process.env.CRYO_CHROMIUM;
  for (const file of (asked === undefined ? PROGRAMS : [asked]).map(onPath)) {
    if (file === undefined) continue;
    const { exitCode, output } = await collect(file, ['--version'], { limitMs: ANSWER_LIMIT_MS });
    const version = /\d+(?:\.\d+){3}/.exec(output)?.[0];
    if (exitCode !== 0 || version === undefined) continue;
    const run = (place: Place, cases: readonly Case[]) => runAll(file, place, cases);
    return { state: 'found', runtime: { name: NAME, version, platform: 'web', run } };
  }
  const reason =
    asked === undefined ? 'no Chromium on the PATH; CRYO_CHROMIUM may name one' : `${asked} does not start`;
  return { state: 'missing', name: NAME, reason };
}

function onPath(name: string): string | undefined {
  const folders = isAbsolute(name) ? [''] : (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

async function runAll(file: string, place: Place, cases: readonly Case[]): Promise<ReadonlyMap<Case, Ending>> {
  const page = await servePage(place, cases);
  const profile = mkdtempSync(join(tmpdir(), 'cryo-chromium-'));
  // The sandbox of Chromium refuses to run for root, as in many containers.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = spawn(file, [...PARAMETERS, ...sandbox, `--user-data-dir=${profile}`, page.address], {
    stdio: 'ignore',
  });
  try {
    await Promise.race([page.finished(SILENCE_LIMIT_MS), ended(browser)]);
    return page.endings;
  } finally {
    await end(browser);
    await page.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null || browser.signalCode !== null) return;
  const gone = ended(browser);
  browser.kill();
  const late = setTimeout(() => browser.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(late);
}

async function ended(browser: ChildProcess): Promise<void> {
  await once(browser, 'exit').catch(() => {});
}
