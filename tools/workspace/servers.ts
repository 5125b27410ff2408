/**
 * Owns `pnpm servers`: throwaway servers for people, their URLs, and their end with the command.
 * It must never know how a server is made.
 */
import type { TestServer } from '@cryo/testkit/servers';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';
import { readServerNames, type ServerName } from './servers-arguments.ts';

const asked = readServerNames(process.argv.slice(2));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if (await compileOrExplain(startProgress('building'))) {
  await serve(asked);
}

/** Servers that start are shown; one that can't is explained, and ends the command with the others. */
async function serve(names: readonly ServerName[]): Promise<void> {
  const { startMariadb, startPostgres } = await import('@cryo/testkit/servers');
  const starters = { postgres: startPostgres, mariadb: startMariadb };
  const over = untilAsked();
  const started = await Promise.allSettled(names.map((name) => starters[name]()));
  const servers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const faults = started.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  for (const { url } of servers) process.stdout.write(`${url}\n`);
  for (const fault of faults) process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else await over(servers);
  await Promise.all(servers.map((server) => server.remove()));
}

/** Listens from now on, so that an impatient Ctrl-C is heard too. */
function untilAsked(): (servers: readonly TestServer[]) => Promise<void> {
  const asked = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  return async (servers) => {
    const what = servers.length === 1 ? 'The server is' : 'The servers are';
    process.stderr.write(`${what} yours, empty, and gone after Ctrl-C.\n`);
    const alive = setInterval(() => {}, 60_000);
    await asked;
    clearInterval(alive);
  };
}
