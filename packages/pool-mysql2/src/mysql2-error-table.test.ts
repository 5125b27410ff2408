import { type DriverPhase, type ErrorClass, SetupFailedError, UnexpectedAnswerError } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { classifyMysqlError } from './mysql2-error-table.ts';
import {
  CommitRefusedError,
  ConnectionEndedError,
  NotMysqlError,
  SessionNotCleanError,
  StatementAbortedError,
  TargetMismatchError,
  TlsFailedError,
  TlsRefusedError,
  TransactionLostError,
} from './mysql2-errors.ts';

const classes = (error: unknown, target: 'any' | 'primary' = 'any') =>
  (['open', 'use'] as DriverPhase[]).map((phase) => classifyMysqlError(error, phase, target));
const answer = (errno: number, message = 'as the server says') =>
  Object.assign(new Error(message), { errno, sqlState: 'HY000' });
const coded = (code: string) => Object.assign(new Error(code), { code });

const LOST = ['server-unavailable', 'connection-lost'];
const REFUSED = ['misconfigured', 'statement'];
const FULL = ['overloaded', 'statement'];
const CONFLICT = ['server-unavailable', 'conflict'];
const STATEMENT = ['server-unavailable', 'statement'];

const table: readonly (readonly [string, readonly number[], readonly string[]])[] = [
  ['no place for one more connection', [1040, 1203, 1226, 1041, 1135], FULL],
  [
    'refused credentials, databases and hosts',
    [1044, 1045, 1049, 1129, 1130, 1251, 1524, 1698, 1862, 3118, 3159, 4151],
    REFUSED,
  ],
  ['a lost race', [1205, 1213, 1020, 1614, 3101], CONFLICT],
  [
    'a server, or a connection, that ends',
    [1047, 1053, 1152, 1153, 1158, 1161, 1927, 2006, 2013, 3032, 3169, 4031],
    LOST,
  ],
  ['a demoted writer', [1836, 1874], LOST],
  ['a statement that was interrupted', [1317, 3024], STATEMENT],
  ['whatever else a server answers', [1062, 1064, 1146, 1290, 1792, 3572], STATEMENT],
];

test.each(table)('%s: %j', (_, numbers, expected) => {
  for (const errno of numbers) expect([errno, ...classes(answer(errno))]).toEqual([errno, ...expected]);
});

test('an option that prevents a statement is a demotion only where it is read-only', () => {
  expect(classes(answer(1290, 'running with the --read-only option'))).toEqual(LOST);
  expect(classes(answer(1290, 'running with the --super-read-only option'))).toEqual(LOST);
  expect(classes(answer(1290, 'running with the --secure-file-priv option'))).toEqual(STATEMENT);
});

test('a write in a read-only transaction is the caller’s own, but for a pool that wants a primary', () => {
  expect(classes(answer(1792))).toEqual(STATEMENT);
  expect(classes(answer(1792), 'primary')).toEqual(LOST);
});

test('the socket’s errors and mysql2’s own are told by their codes', () => {
  for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED']) {
    expect(classes(coded(code))).toEqual(LOST);
  }
  for (const code of ['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'PROTOCOL_UNEXPECTED_PACKET']) {
    expect(classes(coded(code))).toEqual(LOST);
  }
  expect(classes(coded('AUTH_SWITCH_PLUGIN_ERROR'))).toEqual(REFUSED);
  expect(classes(Object.assign(new Error('closed state'), { fatal: true }))).toEqual(LOST);
});

test('what only a dial can meet is, on a connection that stands, of a file or a service of the caller’s', () => {
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']) {
    expect(classes(coded(code))).toEqual(['server-unavailable', undefined]);
  }
  expect(classes(coded('EACCES'))).toEqual(['misconfigured', undefined]);
  expect(classes(coded('EMFILE'))).toEqual(['overloaded', undefined]);
  expect(classes(new SetupFailedError(coded('ECONNREFUSED')))[0]).toBe('server-unavailable');
});

test('what neither mysql2 nor a server said is left to the core', () => {
  for (const error of [new TypeError('x'), undefined, null, 'text', { errno: 1045 }, coded('ERR_ASSERTION')]) {
    expect(classes(error)).toEqual([undefined, undefined]);
  }
});

test.each<[Error, ErrorClass, ErrorClass]>([
  [new NotMysqlError({ address: 'db:3306', answer: 'hung-up' }), 'misconfigured', 'misconfigured'],
  [new TlsRefusedError(undefined), 'misconfigured', 'misconfigured'],
  [new TlsFailedError(new Error('self-signed certificate')), 'misconfigured', 'misconfigured'],
  [
    new TlsFailedError(Object.assign(new Error('reset'), { syscall: 'read' })),
    'server-unavailable',
    'server-unavailable',
  ],
  [new TargetMismatchError(), 'server-unavailable', 'connection-lost'],
  [new SetupFailedError(answer(1193)), 'misconfigured', 'connection-lost'],
  [new SetupFailedError(answer(1053)), 'server-unavailable', 'connection-lost'],
  [new UnexpectedAnswerError('SELECT 0', 0), 'connection-lost', 'connection-lost'],
  [new SessionNotCleanError('another user'), 'connection-lost', 'connection-lost'],
  [new ConnectionEndedError('It ended'), 'connection-lost', 'connection-lost'],
  [new StatementAbortedError('enough'), 'connection-lost', 'connection-lost'],
  [new TransactionLostError(answer(1213), 'nothing'), 'conflict', 'conflict'],
  [new TransactionLostError(answer(1213), 'something'), 'statement', 'statement'],
  [new CommitRefusedError(answer(1290)), 'statement', 'statement'],
])('an error of this adapter has its class: %s', (error, open, use) => {
  expect(classes(error)).toEqual([open, use]);
});
