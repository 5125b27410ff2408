/**
 * Owns the errors that adapters have in common: what a server may be that is not the one that was wanted, and what a new connection may fail in.
 * It must never know which database an adapter speaks to.
 */
import { CryoError, StacklessError } from '@cryo/resilience';
import { describeCause } from './description.ts';
import { type ErrorClass, OWN_CLASS } from './driver.ts';

/** What was heard of a peer: the first bytes that it said, or that it hung up when it was spoken to. */
export type PeerAnswer = Uint8Array | 'hung-up';

/** As many bytes of an answer as tell people what it is. */
const SHOWN_BYTES = 12;

/** What answers at the address speaks another protocol than the one that was wanted. */
export abstract class ForeignServerError extends CryoError {
  /** @param wanted as people call it, for example `MySQL` */
  constructor(
    code: string,
    wanted: string,
    { address, answer }: { readonly address: string; readonly answer: PeerAnswer },
  ) {
    super(code, `What answers at ${address} is no ${wanted} server: ${described(answer)}`);
  }
}

/** How far a dial had come when nothing more was heard. */
export type DialStage = 'connecting' | 'connected';

/** Nothing was heard at the address until nearly the end of the dial's time: no connection was made, or nothing said on it. */
export class SilentServerError extends StacklessError {
  /** Where it is. */
  declare readonly address: string;
  /** How far the dial had come. */
  declare readonly stage: DialStage;
  /** How long nothing was heard, in ms. */
  declare readonly silentMs: number;

  constructor(address: string, stage: DialStage, silentMs: number) {
    const ms = Math.round(silentMs);
    const what =
      stage === 'connected'
        ? `What listens at ${address} accepted the connection and said nothing for ${ms} ms`
        : `Nothing at ${address} answered the attempt to connect for ${ms} ms`;
    super('SERVER_SILENT', what);
    this.address = address;
    this.stage = stage;
    this.silentMs = silentMs;
  }

  override get name(): string {
    return 'SilentServerError';
  }

  get [OWN_CLASS](): ErrorClass {
    return 'server-unavailable';
  }
}

/** None of several hosts gave a connection. */
export class AllHostsFailedError extends CryoError {
  /** What each host said, in the order in which they were tried. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[], hosts: readonly string[]) {
    const told = errors.map((error, index) => `${hosts[index]}: ${describeCause(error)}`);
    super('ALL_HOSTS_FAILED', `No host gave a connection (${told.join('; ')})`, { cause: errors.at(-1) });
    this.errors = errors;
  }

  override get name(): string {
    return 'AllHostsFailedError';
  }
}

/** A dial of one of several hosts took longer than its share of the dial's time. */
export class HostTimeoutError extends CryoError {
  constructor(shareMs: number) {
    super('HOST_TIMEOUT', `The host did not answer within ${Math.round(shareMs)} ms, its share of the dial's time`);
  }

  override get name(): string {
    return 'HostTimeoutError';
  }

  get [OWN_CLASS](): ErrorClass {
    return 'server-unavailable';
  }
}

/** The caller's setup of a new connection failed; `cause` is what it threw. */
export class SetupFailedError extends CryoError {
  constructor(cause: unknown) {
    super('SETUP_FAILED', `The setup of a new connection failed: ${describeCause(cause)}`, { cause });
  }

  override get name(): string {
    return 'SetupFailedError';
  }
}

/** The check ran and answered something other than 1. */
export class UnexpectedAnswerError extends CryoError {
  /** What the first column of the first row was. */
  readonly answer: unknown;

  constructor(query: string, answer: unknown) {
    super('UNEXPECTED_ANSWER', `The check '${query}' answered ${describeCause(answer)}, expected 1`);
    this.answer = answer;
  }

  override get name(): string {
    return 'UnexpectedAnswerError';
  }
}

function described(answer: PeerAnswer): string {
  if (answer === 'hung-up') return 'it waits to be spoken to, and hangs up on the first words';
  const beginning = String.fromCharCode(...answer.subarray(0, SHOWN_BYTES));
  return `its answer begins with ${JSON.stringify(beginning)}`;
}
