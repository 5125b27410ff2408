import { constantBackoff } from '@cryo/resilience';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conflict, createLedgerDatabase, loss, refusal, type Session } from '../test/ledger-database.ts';
import { CommitOutcomeUnknownError } from './transaction-errors.ts';
import type { TransactionContext } from './transaction-scope.ts';

/** What becomes of a statement: whether the server does it, and what the client hears. */
const FATES = ['done', 'conflict', 'refused', 'lost before', 'lost after', 'hangs', 'unknown error'] as const;
type Fate = (typeof FATES)[number];

/** A server with transactions: what it wrote for good, and which sessions are within one. */
class Server {
  commits = 0;
  readonly within = new Set<Session>();

  do(session: Session, sql: string): void {
    if (sql.startsWith('BEGIN')) this.within.add(session);
    if (sql === 'COMMIT' && this.within.delete(session)) this.commits++;
    if (sql === 'ROLLBACK') this.within.delete(session);
  }

  answer(session: Session, sql: string, fate: Fate): unknown {
    if (fate === 'done' || fate === 'lost after') this.do(session, sql);
    // A server that could not serialize a transaction, or refused to commit it, has ended it; one that lost its client too.
    if (fate === 'conflict' || fate.startsWith('lost') || (fate === 'refused' && sql === 'COMMIT'))
      this.within.delete(session);
    if (fate === 'done') return undefined;
    if (fate === 'hangs') return new Promise(() => {});
    if (fate === 'conflict') throw conflict();
    if (fate === 'refused') throw refusal();
    throw fate === 'unknown error' ? new Error('what is this?') : loss();
  }
}

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('done') },
  { weight: 4, arbitrary: fc.constantFrom(...FATES) },
);

const plan = fc.record({
  fates: fc.array(fate, { maxLength: 30 }),
  nests: fc.nat({ max: 2 }),
  work: fc.constantFrom('answers', 'throws', 'swallows'),
  abortAtMs: fc.option(fc.nat({ max: 50 })),
  maxRetries: fc.nat({ max: 3 }),
});

test('whatever the server does to which statement, the caller hears the truth and no connection is left in a transaction', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ fates, nests, work, abortAtMs, maxRetries }) => {
      const server = new Server();
      const left = [...fates];
      const run = (session: Session, sql: string) => server.answer(session, sql, left.shift() ?? 'done');
      const { transaction, clock, pool, sessions } = createLedgerDatabase({}, { run });
      const controller = new AbortController();
      const play = async (session: Session, context: TransactionContext<Session>, depth: number): Promise<string> => {
        await new Promise<void>((resolve) => void clock.set(10, resolve, { background: false }));
        if (depth > 0) {
          const nested = context.transaction((_, inner) => play(session, inner, depth - 1));
          await (work === 'swallows' ? nested.catch(() => {}) : nested);
        }
        if (work === 'throws' && depth === 0) throw new Error('no stock');
        return 'result';
      };
      const outcome = transaction((session, context) => play(session, context, nests), {
        maxRetries,
        backoff: constantBackoff({ delayMs: 1 }),
        signal: controller.signal,
        deadline: 1_000,
      }).then(
        (result) => ({ kind: 'committed', result }) as const,
        (error: unknown) => ({ kind: 'failed', error }) as const,
      );
      if (abortAtMs !== null) clock.set(abortAtMs, () => controller.abort(new Error('enough')), { background: false });
      await clock.advance(60_000);
      const ended = await outcome;
      if (ended.kind === 'committed') expect(server.commits).toBe(1);
      else if (ended.error instanceof CommitOutcomeUnknownError) expect(server.commits).toBeLessThanOrEqual(1);
      else expect(server.commits).toBe(0);
      expect(sessions.filter((session) => session.state === 'open' && server.within.has(session))).toEqual([]);
      expect(pool.snapshot().connections.leased).toBe(0);
    }),
    { numRuns: 400 },
  );
});
