/**
 * Owns the case of queries that the server answers with an error, as for a key that is taken.
 * It must never know a library.
 */
import { expectThat, presume } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const QUERIES = 20;

export const queryError = poolCase({
  name: 'query-error',
  promise: 'A query that the server answers with an error, as for a key that is taken, does not cost the connection',
  needs: ['runsQueries'],
  async run(stage) {
    const { use } = stage.start({ max: 5 });
    presume(use !== undefined, 'it has no call for it');
    for (let query = 0; query < QUERIES; query++) {
      use?.(() => Promise.reject(new Error('duplicate key value violates unique constraint'))).catch(() => {});
      await stage.pass(10);
    }
    const { dials } = stage.server;
    expectThat(dials === 1, `${QUERIES} such errors, one after another, took ${dials} connections`);
  },
});
