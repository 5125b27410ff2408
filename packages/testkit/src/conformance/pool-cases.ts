/**
 * Owns the cases in which the driver works inside a pool: workers, broken connections, stains, refusals, a close.
 * It must never ask for anything that the pool alone would answer for.
 */
import type { ConformanceCase } from './case.ts';
import { attempt } from './trial.ts';
import { Workshop } from './workers.ts';

/** How deep into causes and properties a secret is looked for. */
const DEEPEST = 6;

export const poolCases: readonly ConformanceCase[] = [
  {
    id: 'pool-works',
    sentence: 'serves ten workers from four connections of a pool, and closes without a trace',
    async run(trial) {
      const workshop = new Workshop(trial);
      await workshop.work(10, 10, (connection) => trial.subject.use(connection));
      const { well, badly } = workshop.done;
      trial.expect(badly === 0, `${badly} of ${well + badly} uses failed on a healthy server`);
      const { drained } = await workshop.close(trial.limitMs);
      trial.expect(drained, 'the pool could not be drained though every lease was released');
    },
  },
  {
    id: 'pool-recovers',
    sentence: 'has every slot of a pool served again after the server has ended connections under work',
    needs: ['breakConnection'],
    async run(trial) {
      const workshop = new Workshop(trial);
      let uses = 0;
      await workshop.work(6, 10, async (connection) => {
        if (++uses % 5 === 0) await trial.subject.breakConnection?.(connection);
        await trial.subject.use(connection);
      });
      trial.expect(workshop.done.well > 0, 'no work succeeded between the broken connections');
      await trial.within('taking every slot', workshop.takeAll());
      await workshop.close(trial.limitMs);
    },
  },
  {
    id: 'pool-keeps-apart',
    sentence: 'shows no lease what another one left on the session',
    needs: ['reset', 'stains'],
    async run(trial) {
      const stains = Object.entries(trial.subject.stains ?? {});
      const clean = new Map<string, string>();
      const first = await trial.open();
      for (const [name, { inspect }] of stains) clean.set(name, JSON.stringify(await inspect(first)));
      trial.end(first);
      const workshop = new Workshop(trial);
      let seen: string | undefined;
      await workshop.work(4, 5, async (connection) => {
        for (const [name, { inspect }] of stains) {
          const now = JSON.stringify(await inspect(connection));
          if (now !== clean.get(name)) seen ??= `'${name}' begins as ${now}, not as ${clean.get(name)}`;
        }
        for (const [, { leave }] of stains) await leave(connection);
      });
      trial.expect(seen === undefined, `a lease saw the one before it: ${seen}`);
      trial.expect(workshop.done.badly === 0, `${workshop.done.badly} leases could not be stained`);
      await workshop.close(trial.limitMs);
    },
  },
  {
    id: 'pool-close-cuts',
    sentence: 'leaves nothing behind when a pool is closed under a lease that nobody gives back',
    async run(trial) {
      const workshop = new Workshop(trial);
      const lease = await workshop.pool.acquire({ label: 'keeper' });
      const { connection } = lease;
      const { culprits } = await workshop.close(20);
      trial.expect(culprits[0]?.label === 'keeper', 'the lease that was cut is not among the culprits');
      await trial.rejection(
        'a use after the pool was closed',
        attempt(() => trial.subject.use(connection)),
      );
    },
  },
  {
    id: 'pool-tells-no-secret',
    sentence: 'shows no secret in what the pool says of a refused dial',
    needs: ['createMisconfigured', 'secrets'],
    async run(trial) {
      const driver = trial.subject.createMisconfigured?.() ?? trial.driver;
      const workshop = new Workshop(trial, driver);
      const error = await trial.rejection('acquire() with wrong settings', workshop.pool.acquire());
      const shown = everythingIn(error);
      for (const secret of trial.subject.secrets ?? []) {
        trial.expect(!shown.includes(secret), `an error shows a secret of ${secret.length} characters`);
      }
      await workshop.close(20);
    },
  },
];

/** Every text within an error: its message, stack, properties and causes. */
function everythingIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return '';
  const names = Object.getOwnPropertyNames(value);
  return names.map((name) => everythingIn(Reflect.get(value, name), depth + 1)).join('\n');
}
