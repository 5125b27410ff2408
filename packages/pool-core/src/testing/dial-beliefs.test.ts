import { expect, test } from 'vitest';
import { type Belief, DialBeliefs, NEVER } from './dial-beliefs.ts';

test('Of a server that stays down no more beliefs are held than differ in what still matters.', () => {
  const beliefs = new DialBeliefs();
  const recent = (atMs: number, { wave, waves, fullAtMs }: Belief): Belief => ({
    wave: wave !== undefined && atMs - wave.atMs < 100 ? wave : undefined,
    waves,
    fullAtMs: atMs - fullAtMs < 100 ? fullAtMs : NEVER,
  });
  const sizes: number[] = [];
  for (let atMs = 0; atMs < 50_000; atMs += 50) {
    const failure = { startedAtMs: atMs, atMs, errorClass: 'doubtful' } as const;
    beliefs.failed(failure, (belief) => recent(atMs, belief));
    sizes.push(beliefs.size);
  }
  expect([sizes[0], Math.max(...sizes)]).toEqual([2, sizes[10]]);
});
