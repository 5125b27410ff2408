/**
 * Owns how a session speaks to a client of pg: names become numbers, and counts are numbers again.
 * It must never know which work it serves.
 */
import type { PgConnection } from '@cryo/pool-pg';
import pg from 'pg';
import type { Parameters, Session } from '../session.ts';

/** Numbers of 64 bits come as text; those of the service fit into a number. */
const types = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

export function postgresSession(connection: PgConnection): Session {
  const ask = async <Row>(sql: string, parameters: Parameters = {}): Promise<Row[]> => {
    const { text, names } = numbered(sql);
    const { rows } = await connection.query({ text, values: names.map((name) => parameters[name]), types });
    return rows;
  };
  return {
    all: ask,
    get: async <Row>(sql: string, parameters?: Parameters) => (await ask<Row>(sql, parameters))[0],
    async insert(sql, parameters) {
      const [row] = await ask<{ id: number }>(`${sql} RETURNING id`, parameters);
      if (row === undefined) throw new Error('an INSERT answered no row');
      return row.id;
    },
    async run(sql, parameters) {
      await ask(sql, parameters);
    },
  };
}

interface Numbered {
  readonly text: string;
  /** Which value stands for `$1`, `$2` and so on. */
  readonly names: readonly string[];
}

const known = new Map<string, Numbered>();

/** A text in quotes, which is left alone, or a name. */
const QUOTED_OR_NAME = /'[^']*'|"[^"]*"|:([a-z]\w*)/gi;

function numbered(sql: string): Numbered {
  const found = known.get(sql);
  if (found !== undefined) return found;
  const names: string[] = [];
  const text = sql.replace(QUOTED_OR_NAME, (whole: string, name: string | undefined) => {
    if (name === undefined) return whole;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const made = { text, names };
  known.set(sql, made);
  return made;
}
