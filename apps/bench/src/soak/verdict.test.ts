import { expect, test } from 'vitest';
import { judgeSoak, type Sample } from './verdict.ts';

const NOTHING_LEFT = {
  connections: 0,
  watches: 0,
  live: 0,
  abandoned: 0,
  waiting: 0,
  unanswered: 0,
  unreturned: 0,
  handles: 0,
};

const samples = (bytesPerMinute: number): Sample[] =>
  Array.from({ length: 30 }, (_, index) => ({
    atMs: index * 6_000,
    heapBytes: 5e6 + (bytesPerMinute * index) / 10,
    externalBytes: 1e6,
    handles: 3,
  }));

test('a heap that stays is no fault, and one that grows by a megabyte a minute is', () => {
  expect(judgeSoak(samples(10_240), NOTHING_LEFT)).toEqual({ slopeKilobytesPerMinute: expect.closeTo(10), faults: [] });
  expect(judgeSoak(samples(1_048_576), NOTHING_LEFT).faults).toEqual([
    'the heap grows by 1024 KB a minute, 256 at most',
  ]);
});

test('whatever is left at the end is a fault by its name', () => {
  const { faults } = judgeSoak(samples(0), { ...NOTHING_LEFT, connections: 2, unanswered: -1 });
  expect(faults).toEqual(['2 connections are left', '-1 unanswered are left']);
});

test('what was seen on the way is a fault in its own words', () => {
  const seen = ['nobody was served within 15000 ms after a crash'];
  expect(judgeSoak(samples(0), NOTHING_LEFT, seen).faults).toEqual(seen);
});

test('a look at a bad moment is not taken for growth', () => {
  const looked = samples(0).with(29, { atMs: 174_000, heapBytes: 9e7, externalBytes: 1e6, handles: 3 });
  expect(judgeSoak(looked, NOTHING_LEFT).faults).toEqual([]);
});
