import { AllHostsFailedError, SetupFailedError } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { classifyPgError } from './pg-error-table.ts';
import { ConnectionEndedError } from './pg-errors.ts';

/** An answer of the server, as pg has it. */
const answer = (code: string, severity = 'ERROR') => Object.assign(new Error('the server said'), { code, severity });
const system = (code: string) => Object.assign(new Error('the socket said'), { code });

test.for([
  ['0A000', 'misconfigured', 'statement'],
  ['08006', 'server-unavailable', 'connection-lost'],
  ['08007', 'server-unavailable', 'connection-lost'],
  ['08P01', 'server-unavailable', 'connection-lost'],
  ['22012', 'misconfigured', 'statement'],
  ['23505', 'misconfigured', 'statement'],
  ['25006', 'misconfigured', 'statement'],
  ['25P03', 'server-unavailable', 'connection-lost'],
  ['26000', 'misconfigured', 'connection-lost'],
  ['28000', 'misconfigured', 'statement'],
  ['28P01', 'misconfigured', 'statement'],
  ['3D000', 'misconfigured', 'statement'],
  ['40001', 'server-unavailable', 'conflict'],
  ['40003', 'server-unavailable', 'connection-lost'],
  ['40P01', 'server-unavailable', 'conflict'],
  ['42501', 'misconfigured', 'statement'],
  ['42P05', 'misconfigured', 'connection-lost'],
  ['42P01', 'misconfigured', 'statement'],
  ['53100', 'server-unavailable', 'statement'],
  ['53200', 'overloaded', 'statement'],
  ['53300', 'overloaded', 'statement'],
  ['55P03', 'misconfigured', 'statement'],
  ['57014', 'server-unavailable', 'statement'],
  ['57P01', 'server-unavailable', 'connection-lost'],
  ['57P02', 'server-unavailable', 'connection-lost'],
  ['57P03', 'server-unavailable', 'connection-lost'],
  ['57P04', 'misconfigured', 'connection-lost'],
  ['57P05', 'server-unavailable', 'connection-lost'],
  ['XX000', 'server-unavailable', 'statement'],
] as const)('SQLSTATE %s is %s when dialing and %s afterwards', ([code, open, live]) => {
  expect(classifyPgError(answer(code), 'open')).toBe(open);
  for (const phase of ['use', 'check', 'reset'] as const) expect(classifyPgError(answer(code), phase)).toBe(live);
});

test('whatever ends a session is a lost connection, a conflict with recovery too', () => {
  expect(classifyPgError(answer('40001', 'FATAL'), 'use')).toBe('connection-lost');
  expect(classifyPgError(answer('XX000', 'PANIC'), 'use')).toBe('connection-lost');
});

test('a read-only server is a lost primary only to a pool that wants a primary', () => {
  expect(classifyPgError(answer('25006'), 'use', 'primary')).toBe('connection-lost');
  expect(classifyPgError(answer('25006'), 'use', 'standby')).toBe('statement');
});

test.for([
  ['ECONNREFUSED', 'server-unavailable', undefined],
  ['ECONNRESET', 'server-unavailable', 'connection-lost'],
  ['EPIPE', 'server-unavailable', 'connection-lost'],
  ['ETIMEDOUT', 'server-unavailable', 'connection-lost'],
  ['EAI_AGAIN', 'server-unavailable', undefined],
  ['EMFILE', 'overloaded', undefined],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'misconfigured', 'connection-lost'],
  ['CERT_HAS_EXPIRED', 'misconfigured', 'connection-lost'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'misconfigured', 'connection-lost'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'misconfigured', 'connection-lost'],
] as const)('the system’s %s is %s when dialing and %s afterwards', ([code, open, live]) => {
  expect(classifyPgError(system(code), 'open')).toBe(open);
  expect(classifyPgError(system(code), 'use')).toBe(live);
});

test.for([
  ['Connection terminated', 'server-unavailable', 'connection-lost'],
  ['Connection terminated unexpectedly', 'server-unavailable', 'connection-lost'],
  ['Client has encountered a connection error and is not queryable', 'server-unavailable', 'connection-lost'],
  ['Query read timeout', 'server-unavailable', 'connection-lost'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'misconfigured', 'connection-lost'],
] as const)('pg’s "%s" is %s when dialing and %s afterwards', ([message, open, live]) => {
  expect(classifyPgError(new Error(message), 'open')).toBe(open);
  expect(classifyPgError(new Error(message), 'use')).toBe(live);
});

test('a caller’s own error, or one with a code that only looks like a SQLSTATE, is nobody’s business here', () => {
  expect(classifyPgError(new Error('my own'), 'use')).toBeUndefined();
  expect(classifyPgError(system('57P01'), 'use')).toBeUndefined();
  expect(classifyPgError('57P01', 'use')).toBeUndefined();
});

test('a set-up that failed means what its cause means, and is a mistake where that says nothing', () => {
  expect(classifyPgError(new SetupFailedError(new Error('oh')), 'open')).toBe('misconfigured');
  expect(classifyPgError(new SetupFailedError(system('ECONNRESET')), 'open')).toBe('server-unavailable');
});

test('of several hosts one that may come back decides', () => {
  const failed = (...errors: Error[]) => new AllHostsFailedError(errors, ['one', 'two']);
  expect(classifyPgError(failed(answer('28P01'), system('ECONNREFUSED')), 'open')).toBe('server-unavailable');
  expect(classifyPgError(failed(answer('28P01'), answer('53300')), 'open')).toBe('overloaded');
  expect(classifyPgError(failed(answer('28P01'), answer('3D000')), 'open')).toBe('misconfigured');
  expect(classifyPgError(new ConnectionEndedError('gone'), 'use')).toBe('connection-lost');
});
