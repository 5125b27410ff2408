/**
 * Owns what is MySQL's and MariaDB's own about the service's database: their words, the pool, and how a session is ended.
 * It must never know HTTP, nor the load.
 */
import { createMysqlPool, type MysqlConnection } from '@cryo/pool-mysql2';
import { startMariadb } from '@cryo/testkit/servers';
import { createConnection } from 'mysql2/promise';
import type { ServerKind } from '../server/open.ts';
import { mysqlSession } from './session.ts';

const TABLE = 'ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4';

/** The session is gone already. */
const NO_SUCH_THREAD = 1_094;

export const mysql: ServerKind<MysqlConnection> = {
  defaultPort: 3_306,
  dialect: {
    id: 'BIGINT AUTO_INCREMENT PRIMARY KEY',
    reference: 'BIGINT',
    text: 'VARCHAR(200)',
    real: 'DOUBLE',
    table: TABLE,
    keyed: TABLE,
  },
  tableCount: `SELECT count(*) AS count FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = :name`,
  start: () => startMariadb(),
  createPool: (settings, url, wrapDriver) => createMysqlPool({ ...settings, connection: url, wrapDriver }),
  sessionOf: mysqlSession,
  async endSessions(url, sessions) {
    const connection = await createConnection(url);
    for (const { threadId } of sessions) {
      try {
        await connection.query(`KILL ${threadId}`);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    await connection.end();
  },
};

function isGone(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === NO_SUCH_THREAD;
}
