/**
 * Owns how a session speaks to a connection of mysql2, which fills in names by itself.
 * It must never know which work it serves.
 */
import type { MysqlConnection } from '@cryo/pool-mysql2';
import type { ResultSetHeader } from 'mysql2';
import type { Parameters, Session } from '../session.ts';

export function mysqlSession(connection: MysqlConnection): Session {
  const ask = async (sql: string, parameters: Parameters = {}) => {
    const [answer] = await connection.query({ sql, values: parameters, namedPlaceholders: true });
    return answer;
  };
  const all = async <Row>(sql: string, parameters?: Parameters) => (await ask(sql, parameters)) as Row[];
  return {
    all,
    get: async <Row>(sql: string, parameters?: Parameters) => (await all<Row>(sql, parameters))[0],
    insert: async (sql, parameters) => ((await ask(sql, parameters)) as ResultSetHeader).insertId,
    async run(sql, parameters) {
      await ask(sql, parameters);
    },
  };
}
