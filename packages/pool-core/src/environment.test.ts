import { describe, expect, it } from 'vitest';
import { settingsFromEnvironment } from './environment.ts';
import { parseSettings } from './settings.ts';

const GUIDE = {
  SUPABASE_MIN_CONNECTIONS: '3',
  SUPABASE_MAX_CONNECTIONS: '20',
  SUPABASE_ABSOLUTE_MAX_CONNECTIONS: '50',
  SUPABASE_CONNECTION_TIMEOUT: '20',
  SUPABASE_CONNECTION_LIFETIME: '1800',
  SUPABASE_IDLE_TIMEOUT: '180',
  SUPABASE_HEALTH_CHECK_INTERVAL: '30',
  SUPABASE_RETRY_ATTEMPTS: '5',
  SUPABASE_INITIAL_RETRY_DELAY: '0.2',
  SUPABASE_MAX_RETRY_DELAY: '10',
  SUPABASE_RETRY_JITTER_FACTOR: '0.1',
  SUPABASE_VALIDATION_QUERY: 'SELECT 1',
  SUPABASE_VALIDATION_TIMEOUT: '5',
  SUPABASE_CIRCUIT_BREAKER_THRESHOLD: '5',
  SUPABASE_CIRCUIT_BREAKER_TIMEOUT: '30',
  SUPABASE_CIRCUIT_BREAKER_RESET: '2',
  SUPABASE_METRICS_REPORTING_INTERVAL: '300',
};
const prefix = 'SUPABASE';

describe('the environment of the guide', () => {
  it('sets what its table says, seconds as milliseconds', () => {
    expect(settingsFromEnvironment(GUIDE, { prefix })).toEqual({
      pool: {
        size: { min: 3, max: 20, absoluteMax: 50 },
        acquire: { timeoutMs: 20_000 },
        retirement: { maxLifetimeMs: 1_800_000, idleTimeoutMs: 180_000 },
        validation: { intervalMs: 30_000, timeoutMs: 5_000 },
        connect: { maxRetries: 5, initialDelayMs: 200, maxDelayMs: 10_000, jitter: 0.1 },
        breaker: { threshold: 5, openForMs: 30_000, successes: 2 },
        metrics: { reportIntervalMs: 300_000 },
      },
      validationQuery: 'SELECT 1',
    });
  });

  it('makes the very settings that are the defaults, since those are the guide too', () => {
    const driver = { name: 'none', open: never, check: never, close: never, destroy: () => {} };
    const { pool } = settingsFromEnvironment(GUIDE, { prefix });
    expect(JSON.stringify(parseSettings({ name: 'orders', driver, ...pool }))).toBe(
      JSON.stringify(parseSettings({ name: 'orders', driver })),
    );
  });
});

describe('an environment', () => {
  it('sets nothing where nothing is set: not there, empty or blank', () => {
    const env = { CRYO_MAX_CONNECTIONS: '', CRYO_IDLE_TIMEOUT: '  ', CRYO_VALIDATION_QUERY: ' ', MAX_CONNECTIONS: '7' };
    expect(settingsFromEnvironment(env)).toEqual({ pool: {}, validationQuery: undefined });
    expect(settingsFromEnvironment({})).toEqual({ pool: {}, validationQuery: undefined });
  });

  it('leaves variables alone that the guide does not name', () => {
    expect(settingsFromEnvironment({ CRYO_URL: 'x', CRYO_MAX_CONNECTION: '7' }).pool).toEqual({});
  });

  it('takes plain decimals with blanks around, and no more of a fraction than floating point really has', () => {
    const env = { CRYO_IDLE_TIMEOUT: ' 1.001 ', CRYO_CONNECTION_TIMEOUT: '+1.1', CRYO_VALIDATION_TIMEOUT: '.5' };
    expect(settingsFromEnvironment(env).pool).toEqual({
      retirement: { idleTimeoutMs: 1_001 },
      acquire: { timeoutMs: 1_100 },
      validation: { timeoutMs: 500 },
    });
  });

  it('takes Infinity where a setting has none', () => {
    expect(settingsFromEnvironment({ CRYO_CONNECTION_LIFETIME: 'infinity' }).pool).toEqual({
      retirement: { maxLifetimeMs: Infinity },
    });
    expect(() => settingsFromEnvironment({ CRYO_MAX_CONNECTIONS: 'Infinity' })).toThrow(
      /CRYO_MAX_CONNECTIONS is Infinity/,
    );
  });

  it.each(['20s', '1e3', '0x10', 'NaN', '1,5', '1_000', '--1', '1 0', 'null', '٣', '.'])(
    'refuses what only looks like a number: %s',
    (written) => {
      expect(() => settingsFromEnvironment({ CRYO_CONNECTION_TIMEOUT: written })).toThrow(
        `CRYO_CONNECTION_TIMEOUT is '${written}', expected a number of at least 0.001 seconds, or Infinity`,
      );
    },
  );

  it('refuses every bad variable at once, with its name, its value, its range and its unit', () => {
    const env = {
      ...GUIDE,
      SUPABASE_MIN_CONNECTIONS: '2.5',
      SUPABASE_CONNECTION_TIMEOUT: '0',
      SUPABASE_RETRY_JITTER_FACTOR: '10%',
      SUPABASE_CIRCUIT_BREAKER_RESET: '-2',
    };
    expect(() => settingsFromEnvironment(env, { prefix })).toThrow(
      [
        'environment: SUPABASE_MIN_CONNECTIONS is 2.5, expected an integer from 0 to 100000 connections',
        'SUPABASE_CONNECTION_TIMEOUT is 0, expected a number of at least 0.001 seconds, or Infinity',
        "SUPABASE_RETRY_JITTER_FACTOR is '10%', expected a number from 0 to 1 of the delay",
        'SUPABASE_CIRCUIT_BREAKER_RESET is -2, expected an integer of at least 1 probes',
      ].join('; '),
    );
  });

  it('refuses variables that contradict each other, by their names', () => {
    const env = {
      CRYO_MIN_CONNECTIONS: '30',
      CRYO_MAX_CONNECTIONS: '20',
      CRYO_INITIAL_RETRY_DELAY: '5',
      CRYO_MAX_RETRY_DELAY: '1',
    };
    expect(() => settingsFromEnvironment(env)).toThrow(
      'CRYO_MIN_CONNECTIONS is 30, expected at most CRYO_MAX_CONNECTIONS, which is 20 connections; ' +
        'CRYO_INITIAL_RETRY_DELAY is 5, expected at most CRYO_MAX_RETRY_DELAY, which is 1 seconds',
    );
  });
});

async function never(): Promise<never> {
  throw new Error('nothing is opened here');
}
