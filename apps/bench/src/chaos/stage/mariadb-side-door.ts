/**
 * Owns the side door of MariaDB.
 * It must never know a contender.
 */
import type { TestServer } from '@cryo/testkit/servers';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { CALLER, type SideDoor } from './side-door.ts';

const UNLIMITED = 0;

export function mariadbSideDoor({ url }: TestServer): SideDoor {
  const run = async (...statements: readonly string[]): Promise<readonly RowDataPacket[]> => {
    const client = await createConnection(url);
    try {
      let rows: readonly RowDataPacket[] = [];
      for (const statement of statements) [rows] = await client.query<RowDataPacket[]>(statement);
      return rows;
    } finally {
      await client.end();
    }
  };
  const { user, password } = CALLER;
  const ours = `information_schema.processlist where user = '${user}'`;
  return {
    async prepare() {
      await run(`create user ${user}@'%' identified by '${password}'`, 'create table written (note text)');
      await run(`grant select, insert on cryo.* to ${user}@'%'`);
    },
    async sessions() {
      const [row] = await run(`select count(*) as sessions from ${ours}`);
      return Number(row?.sessions);
    },
    async endSessions() {
      // One by one: KILL … USER holds the list of all sessions while it waits for each, and no dial is answered meanwhile.
      const rows = await run(`select id from ${ours}`);
      await run(
        ...rows.map(({ id }) => `begin not atomic declare continue handler for 1094 begin end; kill hard ${id}; end`),
      );
    },
    setPassword: async (word) => void (await run(`alter user ${user}@'%' identified by '${word}'`)),
    limitSessions: async (most) =>
      void (await run(`alter user ${user}@'%' with max_user_connections ${most ?? UNLIMITED}`)),
    setMode: async (mode) => void (await run(`set global read_only = ${mode === 'writable' ? 0 : 1}`)),
  };
}
