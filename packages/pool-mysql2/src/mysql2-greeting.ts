/**
 * Owns what a MySQL server says first: how it begins, and how long and where it is waited for.
 * It must never know a password, nor what is said afterwards.
 */
import { connect } from 'node:net';
import { FirstWords, type FirstWordsRules, type Peer } from '@cryo/pool-core';
import { shown } from './mysql2-address.ts';
import { NotMysqlError } from './mysql2-errors.ts';
import type { MysqlCore } from './mysql2-types.ts';

/** Protocol versions 10 and 9, and an error instead of a greeting. */
const GREETINGS = [10, 9, 0xff];
/** Three bytes of length, one of sequence, and the first of the greeting. */
const GREETING_AT = 4;

/** The wait for the greetings of one driver's dials. */
export function mysqlFirstWords(time: Pick<FirstWordsRules, 'clock' | 'timers'>): FirstWords {
  return new FirstWords({
    ...time,
    judge: judgeGreeting,
    foreign: (address, answer) => new NotMysqlError({ address, answer }),
  });
}

/** Whether that is how a greeting begins; `unsure` where more bytes have to come. */
export function judgeGreeting(said: Uint8Array): 'right' | 'wrong' | 'unsure' {
  if (said.length < GREETING_AT) return 'unsure';
  if (said[GREETING_AT - 1] !== 0) return 'wrong';
  const first = said[GREETING_AT];
  if (first === undefined) return 'unsure';
  return GREETINGS.includes(first) ? 'right' : 'wrong';
}

/** Where a connection is made to, as people write it. */
function addressOf({ config }: MysqlCore): string {
  const { socketPath, host = 'localhost', port = 3306 } = config;
  return socketPath ?? shown(host, port);
}

/** Whom a dial waits for. */
export function peerOf(core: MysqlCore, deadline: number): Peer {
  const { socketPath, host, port, stream, connectTimeout } = core.config;
  const target = socketPath === undefined ? { host: host ?? 'localhost', port: Number(port) } : { path: socketPath };
  return {
    address: addressOf(core),
    deadline,
    libraryLimitMs: Number(connectTimeout),
    isConnected: () => !core.stream.pending,
    // What the caller's own stream leads to is nowhere else.
    connect: stream === undefined ? () => connect(target) : undefined,
  };
}
