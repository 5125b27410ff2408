/**
 * Owns the side door of PostgreSQL.
 * It must never know a contender.
 */
import type { TestServer } from '@cryo/testkit/servers';
import pg from 'pg';
import { CALLER, type SideDoor } from './side-door.ts';

export function postgresSideDoor({ url }: TestServer): SideDoor {
  const run = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: url, options: '-c default_transaction_read_only=off' });
    client.on('error', () => {});
    await client.connect();
    try {
      let rows: readonly Readonly<Record<string, unknown>>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  };
  const loadedAt = async () => (await run('select pg_conf_load_time()::text as at'))[0]?.at;
  const { user, password } = CALLER;
  const ours = `pg_stat_activity where usename = '${user}'`;
  return {
    async prepare() {
      await run(`create role ${user} login password '${password}'`, 'create table written (note text)');
      await run(`grant insert on written to ${user}`);
    },
    async sessions() {
      const [row] = await run(`select count(*) as sessions from ${ours}`);
      return Number(row?.sessions);
    },
    endSessions: async () => void (await run(`select pg_terminate_backend(pid, 5000) from ${ours}`)),
    setPassword: async (word) => void (await run(`alter role ${user} password '${word}'`)),
    limitSessions: async (most) => void (await run(`alter role ${user} connection limit ${most ?? -1}`)),
    async setMode(mode) {
      const setting = mode === 'writable' ? 'off' : 'on';
      await run(`alter system set default_transaction_read_only = ${setting}`);
      const before = await loadedAt();
      await run('select pg_reload_conf()');
      // Only asked for until now. A session that begins after the reload tells of it, and then those that stand have heard of it.
      while ((await loadedAt()) === before);
    },
  };
}
