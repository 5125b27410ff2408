import { expect, test } from 'vitest';
import { AUTOCOMMIT, DATABASE_CHANGED, FAILED, IN_TRANSACTION, STATE_CHANGED, statusOf } from './mysql2-status.ts';

/** The packet stands in a buffer with others, as it comes. */
function packet(...body: number[]) {
  const bytes = [9, 9, body.length, 0, 0, 1, ...body, 9, 9];
  return { buffer: Buffer.from(bytes), start: 2, end: 6 + body.length };
}

const ok = (status: number, ...rest: number[]) =>
  packet(0, 0xfc, 0x10, 0x27, 1, status & 0xff, status >> 8, 0, 0, ...rest);
/** The text of an OK, its length before it, and the changes of the session. */
const changes = (...entries: number[]) => [2, 0x68, 0x69, entries.length, ...entries];

test('the end of rows, and of a statement without rows, tell the status', () => {
  expect(statusOf(packet(0xfe, 0, 0, IN_TRANSACTION, 0))).toBe(IN_TRANSACTION);
  expect(statusOf(ok(AUTOCOMMIT | IN_TRANSACTION))).toBe(AUTOCOMMIT | IN_TRANSACTION);
});

test('an error tells nothing, and neither does a row', () => {
  expect(statusOf(packet(0xff, 0x15, 4))).toBe(FAILED);
  expect(statusOf(packet(3, 0x61, 0x62, 0x63))).toBeUndefined();
  expect(statusOf(packet(0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9))).toBeUndefined();
});

test.each([
  ['a variable', [0, 4, 1, 0x61, 1, 0x62], STATE_CHANGED],
  ['the database', [1, 3, 2, 0x64, 0x62], STATE_CHANGED | DATABASE_CHANGED],
  ['anything, as session_track_state_change tells', [2, 1, 0x31], STATE_CHANGED],
  ['nothing but the identifier of a transaction', [3, 3, 0, 1, 0x67], 0],
  ['nothing but the state of a transaction', [5, 2, 1, 0x54], 0],
  ['the identifier of a transaction, and a variable', [3, 3, 0, 1, 0x67, 0, 4, 1, 0x61, 1, 0x62], STATE_CHANGED],
])('a change of the session is told by what changed: %s', (_, entries, told) => {
  expect(statusOf(ok(AUTOCOMMIT | STATE_CHANGED, ...changes(...entries)))).toBe(AUTOCOMMIT | told);
});

test('a packet that ends too early is read no further, and a change that is not told counts', () => {
  expect(statusOf(packet(0))).toBeUndefined();
  expect(statusOf(ok(STATE_CHANGED))).toBe(STATE_CHANGED);
  expect(statusOf(ok(STATE_CHANGED, 0, 200, 0, 0xfd))).toBe(STATE_CHANGED);
});
