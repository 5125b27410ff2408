/**
 * Owns how postgres.js is set up for a trial. It has neither a time for a query nor one for waiting.
 * It must never know how the others are.
 */
import { loadPeer } from '../../peers/peers.ts';
import { type ContenderKind, LIMITS } from '../contender.ts';

interface Sql {
  unsafe(text: string): Promise<unknown>;
  end(options: { readonly timeout: number }): Promise<void>;
}

export const postgresJs: ContenderKind = {
  name: 'postgres.js',
  database: 'postgres',
  setUp: '`connect_timeout`',
  tellsLeases: false,
  lending: 'shared',
  async start({ host, port, user, database, password, writes }) {
    const { default: postgres } = await loadPeer<{ readonly default: (options: object) => Sql }>('postgres');
    const sql = postgres({
      ...{ host, port, user, database, password, max: LIMITS.max },
      connect_timeout: LIMITS.dialMs / 1_000,
      ...(writes ? { target_session_attrs: 'read-write' } : {}),
    });
    return {
      run: (text) => sql.unsafe(text),
      live: () => undefined,
      close: () => sql.end({ timeout: 1 }),
    };
  },
};
