/**
 * Owns what operators and the page ask: alive, ready, the pool at this moment, and the page itself.
 * It must never touch the database: these answers come when it can't be reached, too.
 */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** What the routes need to know of the pool's health. */
export interface Readiness {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly reasons: readonly unknown[];
}

/** Where the routes get their answers from. */
export interface Status {
  readiness(): Readiness;
  /** Everything the page shows, as plain data. */
  overview(): object;
}

const PAGE = readFileSync(new URL('../page/page.html', import.meta.url), 'utf8');

/** The page is one file: nothing is fetched from elsewhere, and nothing else may run in it. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

export function operationRoutes(app: FastifyInstance, status: Status): void {
  app.get('/healthz', async () => ({ status: 'alive' }));

  app.get('/readyz', async (_request, reply) => {
    const readiness = status.readiness();
    return reply.code(readiness.status === 'down' ? 503 : 200).send(readiness);
  });

  app.get('/api/pool', async (_request, reply) => reply.header('cache-control', 'no-store').send(status.overview()));

  app.get('/', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .header('cache-control', 'no-cache')
      .send(PAGE),
  );
}
