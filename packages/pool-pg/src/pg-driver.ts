/**
 * Owns the driver: what the pool asks of a connection, answered by a client of pg.
 * It must never know the pool, nor what a caller does with a connection.
 */
import {
  AllHostsFailedError,
  type Driver,
  type FirstWords,
  type HostContext,
  Hosts,
  isSealed,
  SetupFailedError,
  type Unsealer,
  untilAborted,
} from '@cryo/pool-core';
import type { AbortSignal, CallContext, Clock, Timers } from '@cryo/resilience';
import type pg from 'pg';
import { type PgAddress, parseAddress, shown } from './pg-address.ts';
import { addressOf, secretsOf, visible } from './pg-configuration.ts';
import { dial, hangUp } from './pg-dial.ts';
import { classifyPgError } from './pg-error-table.ts';
import { ConnectionEndedError } from './pg-errors.ts';
import { pgFirstWords } from './pg-greeting.ts';
import type { PgOnConnect, PgReset } from './pg-options.ts';
import { checkSession, confirmTarget, resetSession } from './pg-session.ts';
import {
  type PgClientClass,
  type PgConnection,
  type PgConnectionConfig,
  type PgHost,
  type PgLogin,
  type PgTarget,
  wireOf,
} from './pg-types.ts';

export interface PgDriverOptions {
  readonly connection: string | PgConnectionConfig;
  readonly Client: PgClientClass;
  /** `undefined`: as the connection string says, else `'any'`. */
  readonly target: PgTarget | undefined;
  readonly resetLevel: PgReset;
  readonly validationQuery: string | undefined;
  readonly onConnect: PgOnConnect | undefined;
  readonly unsealer: Unsealer;
  /** What pg is told unless `connection` says something else. */
  readonly defaults: pg.ClientConfig;
  /** Whether an idle connection keeps the process alive. */
  readonly idleKeepsProcess: 'never' | 'always';
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A driver for one server, or for several of which one at a time is right. It connects to nothing before its first `open`. */
export function createPgDriver(options: PgDriverOptions): Driver<PgConnection> {
  const dialer = new Dialer(options);
  const { resetLevel, validationQuery } = options;
  const setUp = (connection: PgConnection, context: CallContext) => dialer.setUp(connection, context.signal);
  const server = dialer.server();
  return {
    name: 'postgresql',
    ...(server === undefined ? {} : { server }),
    open: (context) => dialer.open(context),
    check: (connection) => checkSession(connection, dialer.target, validationQuery),
    reset: (connection, context) => resetSession(connection, context, resetLevel, setUp),
    close: async (connection) => connection.end(),
    destroy: hangUp,
    watch: watchConnection,
    classify: (error, phase) =>
      phase === 'open' && dialer.isMistyped(error) ? 'misconfigured' : classifyPgError(error, phase, dialer.target),
    secrets: () => dialer.secrets(),
    ...(options.idleKeepsProcess === 'always'
      ? {}
      : {
          ref: (connection: PgConnection) => void wireOf(connection)?.stream.ref?.(),
          unref: (connection: PgConnection) => void wireOf(connection)?.stream.unref?.(),
        }),
  };
}

function watchConnection(connection: PgConnection, broken: (error: unknown) => void): () => void {
  const ended = () => broken(new ConnectionEndedError('The connection was ended'));
  connection.on('error', broken);
  connection.on('end', ended);
  // Whoever had it once may end it: the socket tells of that too late for the next holder.
  const { end } = connection;
  connection.end = (...told: unknown[]) => {
    ended();
    return Reflect.apply(end, connection, told);
  };
  return () => {
    connection.end = end;
    connection.removeListener('error', broken);
    connection.removeListener('end', ended);
  };
}

/** How many passwords are remembered for masking: those of connections that may still be open. */
const PASSWORDS = 8;

class Dialer {
  readonly #options: PgDriverOptions;
  readonly #given: readonly string[];
  readonly #asked: string[] = [];
  readonly #firstWords: FirstWords;
  readonly #hosts: Hosts;
  /** What the connection string asks for; a sealed one tells at the first dial. */
  #targetOfString: PgTarget | undefined;
  #everOpened = false;

  constructor(options: PgDriverOptions) {
    this.#options = options;
    this.#given = secretsOf(options.connection);
    this.#firstWords = pgFirstWords(options);
    this.#hosts = new Hosts(options);
  }

  get target(): PgTarget {
    return this.#options.target ?? this.#targetOfString ?? 'any';
  }

  server(): Driver<PgConnection>['server'] {
    const { connection } = this.#options;
    const address = addressOf(connection);
    const config = typeof connection === 'string' ? { connectionString: connection } : connection;
    // What is in it comes before what is beside it, and is not known yet.
    if (isSealed(config.connectionString)) return undefined;
    const [first] = address?.hosts ?? config.hosts ?? [];
    const host = first?.host ?? config.host ?? process.env.PGHOST ?? 'localhost';
    const port = Number(first?.port ?? config.port ?? process.env.PGPORT ?? 5432);
    const namespace = address?.database ?? config.database ?? process.env.PGDATABASE;
    if (isSealed(host)) return undefined;
    return {
      address: host,
      ...(Number.isNaN(port) ? {} : { port }),
      ...(namespace === undefined || isSealed(namespace) ? {} : { namespace }),
    };
  }

  secrets(): readonly string[] {
    return [...this.#given, ...this.#asked, ...this.#options.unsealer.secrets()];
  }

  /** A name that never could be resolved is a mistake; one that could is an outage of the name service. */
  isMistyped(error: unknown): boolean {
    const errors = error instanceof AllHostsFailedError ? error.errors : [error];
    return (
      !this.#everOpened && errors.every((one) => one instanceof Error && 'code' in one && one.code === 'ENOTFOUND')
    );
  }

  async setUp(connection: PgConnection, signal: AbortSignal): Promise<void> {
    const { onConnect } = this.#options;
    if (onConnect === undefined) return;
    try {
      await untilAborted(signal, () => onConnect(connection));
    } catch (error) {
      throw signal.aborted ? signal.reason : new SetupFailedError(error);
    }
  }

  async open(context: CallContext): Promise<PgConnection> {
    const { connection, unsealer } = this.#options;
    const open = await untilAborted(context.signal, () => unsealer.openAll(visible(connection)));
    const address = open.connectionString === undefined ? undefined : parseAddress(open.connectionString);
    const { hosts: own = [], ...base } = open;
    const parsed = address !== undefined && 'hosts' in address ? address : undefined;
    this.#targetOfString = parsed?.target;
    const hosts = own.length > 0 ? own : (parsed?.hosts ?? []);
    const configFor = (host: PgHost | undefined) => this.#configFor(base, parsed, host);
    const ways = hosts.map((host) => ({ address: shown(host.host, host.port ?? 5432), config: () => configFor(host) }));
    if (ways.length === 0) ways.push({ address: '', config: () => configFor(undefined) });
    return this.#hosts.open(ways, context, (way, within) => this.#openOne(way.config(), within));
  }

  async #openOne(config: pg.ClientConfig, { signal, deadline }: HostContext): Promise<PgConnection> {
    const { Client } = this.#options;
    const connection = await dial(Client, config, { signal, deadline, firstWords: this.#firstWords });
    const aborted = () => hangUp(connection);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      await confirmTarget(connection, this.target);
      await this.setUp(connection, signal);
      if (signal.aborted) throw signal.reason;
    } catch (error) {
      hangUp(connection);
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', aborted);
    }
    this.#everOpened = true;
    return connection;
  }

  #configFor(base: PgConnectionConfig, address: PgAddress | undefined, host: PgHost | undefined): pg.ClientConfig {
    const { password, connectionString, ...rest } = base;
    const config: pg.ClientConfig = { ...this.#options.defaults, ...rest };
    if (host !== undefined) Object.assign(config, host);
    if (connectionString !== undefined) config.connectionString = address?.stringFor(host) ?? connectionString;
    if (password !== undefined && address?.password === undefined)
      config.password = typeof password === 'function' ? this.#remembering(password) : password;
    return config;
  }

  #remembering(ask: (login: PgLogin) => string | Promise<string>): (login?: PgLogin) => Promise<string> {
    return async (login) => {
      // pg gives it what it connects with.
      const password = await ask(login as PgLogin);
      if (typeof password === 'string' && !this.#asked.includes(password)) {
        this.#asked.push(password);
        if (this.#asked.length > PASSWORDS) this.#asked.shift();
      }
      return password;
    };
  }
}
