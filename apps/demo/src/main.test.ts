import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'cryoprotect-'));
const file = join(directory, 'main.sqlite');
const PATIENCE_MS = 30_000;

afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the demo as a user does. `told` sees the output as it grows, with the means to signal the process. */
function demo(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  told: (output: string, signal: (name: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { ...process.env, ...env } });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
    told(output, (name) => child.kill(name));
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}

describe('bad input ends with exit code 2, a line for each fault and nothing else', () => {
  it.each([
    ['an unknown flag', ['--frobnicate'], {}, 'demo: unknown flag --frobnicate; see --help\n'],
    ['an impossible port', ['--port', '70000'], {}, 'demo: --port is 70000, expected an integer from 0 to 65535\n'],
    [
      'two faults',
      ['--workers', '0', '--what'],
      {},
      'demo: unknown flag --what; see --help\ndemo: --workers is 0, expected',
    ],
    ['a bad pool flag', ['--max-connections', '-4'], {}, 'demo: --max-connections is'],
    [
      'a flag against a flag',
      ['--min-connections', '9', '--max-connections', '4'],
      {},
      'demo: --min-connections is 9, expected at most --max-connections, which is 4 connections\n',
    ],
    [
      'a validation query that does something',
      [],
      { SUPABASE_VALIDATION_QUERY: 'DROP TABLE mixtures' },
      "demo: the validation query (SUPABASE_VALIDATION_QUERY, --validation-query) is 'DROP TABLE mixtures', expected",
    ],
    [
      'a server that does not answer, whose password is not shown',
      ['--url', 'postgres://ada:hush@127.0.0.1:1/cold', '--connection-timeout', '1'],
      {},
      "demo: postgres://127.0.0.1:1/cold can't be used: ",
    ],
    [
      'a URL of no database',
      [],
      { CRYO_DATABASE_URL: 'redis://ada:hush@localhost/0' },
      "demo: CRYO_DATABASE_URL can't be used, expected postgres://… or mysql://…",
    ],
    ['a bad variable', [], { SUPABASE_CONNECTION_TIMEOUT: 'soon' }, 'demo: SUPABASE_CONNECTION_TIMEOUT is'],
    [
      'a file in no directory',
      ['--file', '/nowhere/at/all.sqlite'],
      {},
      "demo: The database file '/nowhere/at/all.sqlite' can't",
    ],
    [
      'faults of the command line and of the environment together',
      ['--port', 'abc'],
      { SUPABASE_MIN_CONNECTIONS: 'x', SUPABASE_VALIDATION_QUERY: 'DROP TABLE x' },
      "SUPABASE_MIN_CONNECTIONS is 'x', expected an integer from 0 to 100000 connections\ndemo: SUPABASE_VALIDATION_QUERY is",
    ],
    ['a file that is no database', ['--file', '/dev/null'], {}, "demo: the file '/dev/null' can't be used"],
    ['a directory for a file', ['--file', directory], {}, `demo: The database file '${directory}' can't be used`],
  ])(
    '%s',
    async (_, argv, env, words) => {
      const ended = await demo(argv, env);
      expect(ended).toMatchObject({ code: 2, output: '' });
      expect(ended.errors).toContain(words);
      expect(ended.errors).toMatch(/^(demo: .+\n)+$/);
    },
    PATIENCE_MS,
  );

  it(
    'a file that is no database',
    async () => {
      const text = join(directory, 'letter.txt');
      writeFileSync(text, 'Dear Sir or Madam, '.repeat(100));
      expect(await demo(['--file', text])).toMatchObject({ code: 2, output: '' });
    },
    PATIENCE_MS,
  );

  it(
    'a port that is taken',
    async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const address = taken.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const ended = await demo(['--file', file, '--port', String(port)]);
      taken.close();
      expect(ended).toMatchObject({ code: 2, output: '' });
      expect(ended.errors).toBe(
        `demo: port ${port} on 127.0.0.1 is taken; choose another with --port, or 0 for any free one\n`,
      );
    },
    PATIENCE_MS,
  );
});

const SERVER_PATIENCE_MS = 120_000;

describe('a run on a server of its own', () => {
  it(
    'grows its one pool under the spike on PostgreSQL, and answers 100 workers without an error',
    async () => {
      const ended = await demo(['--database', 'postgres', '--duration', '8', '--profile', 'spike', '--json']);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      const report = JSON.parse(ended.output);
      expect(report).toMatchObject({
        ok: true,
        errors: {},
        lost: { unanswered: 0, leasesOpen: 0, unhandledRejections: 0 },
        run: { database: 'postgres', workers: 100 },
        pool: { breakerStates: ['closed'] },
      });
      expect(report.served).toBe(report.sent);
      expect(report.pool.leases).toBeGreaterThanOrEqual(report.served);
      expect(report.pool.grows).toBeGreaterThan(0);
      expect(report.pool.peakMax).toBeGreaterThan(10);
      expect(report.read).toBeUndefined();
    },
    SERVER_PATIENCE_MS,
  );

  it.each(['postgres', 'mysql'])(
    'is served again after %s ended its sessions and refused dials',
    async (database) => {
      const chaos = ['--chaos', 'kill,dial-failures', '--chaos-at', '1', '--chaos-for', '2'];
      const ended = await demo(['--database', database, '--duration', '5', '--workers', '20', '--json', ...chaos]);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      const report = JSON.parse(ended.output);
      expect(report).toMatchObject({ ok: true, lost: { unanswered: 0, leasesOpen: 0, unhandledRejections: 0 } });
      // Whether anybody is refused meanwhile is up to chance: a connection that was not struck goes on serving.
      expect(report.errors).not.toEqual({});
      expect(report.served).toBeGreaterThan(0);
    },
    SERVER_PATIENCE_MS,
  );

  it(
    'on MySQL prints one report, loses nothing and ends by itself',
    async () => {
      const ended = await demo(['--database', 'mysql', '--duration', '3', '--profile', 'burst', '--port', '0']);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      expect(ended.output).toContain('a server of its own, which ends with the demo (seeded)');
      expect(ended.output).toMatch(/errors +none\n/);
      expect(ended.output).toMatch(/verdict +ok\n$/);
    },
    SERVER_PATIENCE_MS,
  );
});

describe('a run', () => {
  it(
    'without a terminal prints one report, loses nothing and ends by itself',
    async () => {
      const ended = await demo(['--file', file, '--duration', '3', '--profile', 'spike', '--json']);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      const report = JSON.parse(ended.output);
      expect(report).toMatchObject({
        ok: true,
        errors: {},
        lost: { unanswered: 0, leasesOpen: 0, unhandledRejections: 0 },
        run: { profile: 'spike', workers: 100 },
        read: { breakerStates: ['closed'] },
      });
      expect(report.served).toBe(report.sent);
      expect(report.served).toBeGreaterThan(0);
      expect(report.read.acquisitionMs.count + report.write.acquisitionMs.count).toBeGreaterThanOrEqual(report.served);
      expect(report.sizeOverTime.length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it(
    'under chaos fails only in the ways of a pool, and is served again afterwards',
    async () => {
      const chaos = ['--chaos', 'kill,dial-failures', '--chaos-at', '1', '--chaos-for', '2'];
      const ended = await demo(['--file', file, '--duration', '5', '--workers', '20', '--json', ...chaos]);
      const report = JSON.parse(ended.output);
      expect(report).toMatchObject({ ok: true, lost: { unanswered: 0, leasesOpen: 0, unhandledRejections: 0 } });
      expect(report.errors.SERVER_UNAVAILABLE).toBeGreaterThan(0);
      expect(report.read.breakerStates).toContain('open');
      expect(report.outage.firstServedAfterHealingMs).toBeGreaterThan(0);
      expect(ended.code).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'without end drains, reports and exits 0 at the first signal',
    async () => {
      let signalled = false;
      const ended = await demo(['--file', file, '--port', '0'], {}, (output, signal) => {
        if (signalled || !output.includes('look here')) return;
        signalled = true;
        signal('SIGINT');
      });
      expect(ended.code).toBe(0);
      expect(ended.errors).toBe('');
      expect(ended.output).toMatch(/look here +http:\/\/127\.0\.0\.1:\d+\n/);
      expect(ended.output).toContain('0 unanswered, 0 leases open, 0 unhandled rejections');
    },
    PATIENCE_MS,
  );

  it(
    'ends at once with 130 at the second signal',
    async () => {
      const argv = ['--file', file, '--port', '0', '--service-time', '10000'];
      const ended = await demo(argv, {}, (output, signal) => {
        if (!output.includes('look here')) return;
        signal('SIGINT');
        signal('SIGTERM');
      });
      expect(ended).toMatchObject({ code: 130, errors: '' });
      expect(ended.output).not.toContain('verdict');
    },
    PATIENCE_MS,
  );

  it(
    'has the guide in its environment: sizes and all',
    async () => {
      const env = { SUPABASE_MAX_CONNECTIONS: '4', SUPABASE_ABSOLUTE_MAX_CONNECTIONS: '4' };
      const ended = await demo(['--file', file, '--duration', '1', '--json', '--min-connections', '2'], env);
      expect(JSON.parse(ended.output)).toMatchObject({ ok: true, read: { peakMax: 4 } });
    },
    PATIENCE_MS,
  );
});
