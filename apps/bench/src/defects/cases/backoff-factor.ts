/**
 * Owns the case of waits that are to grow by a factor of the caller's own.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { waitsOf } from '../waits.ts';

export const backoffFactor = defectCase({
  name: 'backoff-factor',
  promise: 'Waits grow by the factor that was asked for',
  needs: 'retry',
  async run(make, world) {
    const retry = make({ retries: 3, firstMs: 100, mostMs: 60_000, factor: 3, waits: 'exact' });
    const waits = (await waitsOf(retry, world, 60_000)).map(Math.round).join(', ');
    expectThat(waits === '100, 300, 900', `asked for 100, 300, 900 ms, it waited ${waits} ms`);
  },
});
