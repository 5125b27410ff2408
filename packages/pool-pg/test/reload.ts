/**
 * Owns settings of a test server, changed so that they are in force once the change has returned.
 * It must never know which settings a test wants.
 */
import type { TestServer } from '@cryo/testkit/servers';
import pg from 'pg';

/** Settings by name; `undefined` for the server's own default. */
export async function changeSettings(
  server: TestServer,
  settings: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const loadedAt = () => answerOf(server, 'SELECT pg_conf_load_time()::text AS answer');
  const before = await loadedAt();
  for (const [name, value] of Object.entries(settings)) {
    await answerOf(server, value === undefined ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = ${value}`);
  }
  await answerOf(server, 'SELECT pg_reload_conf()');
  // The reload is only asked for until now. A session that begins after it has what the server had then, and by then the server
  // has told the sessions that stand: each takes it up before its next statement.
  while ((await loadedAt()) === before);
}

/** Of a session of its own. */
async function answerOf(server: TestServer, statement: string): Promise<unknown> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    return (await client.query(statement)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}
