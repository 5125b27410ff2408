/**
 * Owns the map of the house: which floor each package stands on, and in which order the files of a package stand.
 * It must never know how the map is enforced; a new file is added here in the commit that adds the file.
 */

/** Lower floors never import higher ones; rooms of one floor do not see each other. */
export const FLOORS: ReadonlyMap<string, number> = new Map([
  ['resilience', 0],
  ['pool-core', 1],
  ['pool-pg', 2],
  ['pool-mysql2', 2],
  ['pool-sqlite', 2],
  ['prometheus', 2],
  ['opentelemetry', 2],
  ['testkit', 2],
]);

/** Which source files may import `node:` modules. Everything else has to run in a browser too. */
export const NODE_IMPORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['pool-core', ['tracing', 'node']],
  ['pool-pg', ['*']],
  ['pool-mysql2', ['*']],
  ['pool-sqlite', ['*']],
  ['testkit', ['chaos', 'servers']],
]);

/** The files that may touch the real clock, the real timers and real chance, and what each may touch. */
export const SOURCES_OF_TIME_AND_CHANCE: ReadonlyMap<string, readonly string[]> = new Map([
  ['packages/resilience/src/clock.ts', ['Date.now', 'performance.now', 'performance.timeOrigin', 'process.hrtime']],
  [
    'packages/resilience/src/timers.ts',
    ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ],
  ['packages/resilience/src/random.ts', ['Math.random']],
]);

const resilience = `
  assert errors/cryo-error errors/stackless errors/invalid-options errors/ended errors/refused errors/exhausted errors
  option-rules options clock timers timer-heap random
  parts metrics/definition metrics/counter metrics/gauge metrics/buckets metrics/reading metrics/histogram metrics/policy-metrics metrics/policy-meter metrics/registry
  hooks events outcome deadline abort-source deferred scope stall-guard alarms lasting-alarms call ruling frame waiting-line policy call-guard time-limit timeout
  backoff retry-budget sleep retry-options spending retry bulkhead rate-limiter hedge-delay hedge-race hedge fallback window
  breaker/trip-rule breaker/call-rate breaker/failure-rate breaker/slow-call-rate breaker/any-of
  breaker/state breaker/contract breaker/snapshot breaker/ramp breaker/restore
  breaker/options breaker/open-time breaker/judge breaker/refusal breaker/probing
  breaker/step breaker/express-lane breaker/fresh-refusal breaker/announcer breaker/breaker breaker/key-store breaker/key-labels
  breaker/keyed-options breaker/keyed
  index
  testing/virtual-clock testing/seeded-random testing/index`;

const poolCore = `
  quietly signals driver connection snapshot description errors adapter-errors first-words hosts until-aborted
  redaction/parts redaction/secret-places redaction/secret-pattern redaction/secrets redaction/survey redaction/copy redaction
  flows line request grant-promise capacity sizer/sizer sizer/fixed options option-group sizer/elastic
  call-options shared-capacity settings environment sealing-platform sealed validation-query
  events guest demand lease-times pool-counters pool-gauges pool-metrics bounded-labels label-metrics
  roster idle-store deadline-heap wait-queue shedding-queue driver-call stores shedding dispatcher
  wake retirement forecast dial-schedule dials opener closer admission validator returner leak lease loan lending short-way refusal acquisition
  thaw expiry readiness keeper logger announcer reporter health-window health look assembly closing membership machinery
  pool transaction-errors transaction-options transaction-calls transaction-scope transaction-attempt transaction
  pool-map-options pool-map-contract pool-map-maker pool-map-metrics pool-map pool-wrapper
  index tracing node/seal-command node/seal-main node
  testing/ground-truth testing/simulated-server testing/simulated-call testing/simulated-driver
  testing/ledger testing/shedding-book testing/observation testing/connection-invariants testing/dial-beliefs testing/dial-invariants
  testing/shedding-invariants testing/request-invariants testing/turn-invariants testing/invariants testing/index`;

const testkit = `
  platform
  conformance/runner conformance/subject conformance/trial conformance/case conformance/open-cases conformance/check-cases
  conformance/end-cases conformance/reset-cases conformance/error-cases conformance/workers conformance/pool-cases
  conformance/conformance
  servers/machine servers/program servers/orders servers/postgres-program servers/mariadb-program servers/supervisor
  servers/supervised servers/test-server servers/index
  chaos/faults chaos/flow chaos/link chaos/proxy chaos/index
  simulation/setup simulation/virtual-timers simulation/fragile simulation/shared-capacity simulation/world
  simulation/asking simulation/work simulation/callers simulation/books simulation/ending simulation/action simulation/management
  simulation/listeners simulation/outages simulation/scenario simulation/run simulation/shrink simulation/alphabet
  simulation/enumerate
  index`;

/** The files of an adapter by role. All of them carry the name of the database: `pg-driver`, `sqlite-pool`. */
const ADAPTER_ROLES = { required: ['types', 'errors', 'driver', 'pool'], optional: ['compatible'] } as const;
const SQLITE_THREADS = ['protocol', 'worker', 'thread-link'];

/** Further files of an adapter that its database asks for, in their order between the errors and the driver, and after it. */
const EXTRAS: Readonly<Record<string, { readonly before: readonly string[]; readonly after: readonly string[] }>> = {
  pg: {
    before: ['error-table', 'address', 'configuration', 'options', 'greeting', 'socket', 'dial', 'session'],
    after: [
      'plan',
      'transaction',
      'cancel',
      'query',
      'listen',
      'compatible-settings',
      'compatible-base',
      'compatible-calls',
    ],
  },
  mysql2: {
    before: ['error-table', 'address', 'options', 'status', 'text', 'session', 'greeting', 'dial', 'credentials'],
    after: ['connection-rules', 'plan', 'kill', 'statement', 'direct', 'transaction', 'settings'],
  },
  sqlite: {
    before: ['session', 'handle', 'file', 'options'],
    after: ['plan', 'query', 'transaction'],
  },
};

/** What the folder of an adapter may and must hold, in the order in which its files stand. */
export function adapterShape(database: string): {
  readonly order: readonly string[];
  readonly required: readonly string[];
} {
  const named = (roles: readonly string[]) => roles.map((role) => `${database}-${role}`);
  const { before = [], after = [] } = EXTRAS[database] ?? {};
  return {
    order: [
      ...named(['types', 'errors', ...before]),
      ...(database === 'sqlite' ? SQLITE_THREADS : []),
      ...named(['driver', ...after, 'pool', ...ADAPTER_ROLES.optional]),
      'index',
    ],
    required: [...named(ADAPTER_ROLES.required), 'index'],
  };
}

/** Name of the database when the package is an adapter: `pool-pg` is one, `pool-core` is not. */
export function databaseOf(packageName: string): string | undefined {
  return packageName.startsWith('pool-') && packageName !== 'pool-core' ? packageName.slice('pool-'.length) : undefined;
}

/** The order in which the files of a package stand, without `.ts`; `undefined` for a package that has none yet. */
export function fileOrder(packageName: string): readonly string[] | undefined {
  const database = databaseOf(packageName);
  if (database !== undefined) return adapterShape(database).order;
  const lists: Record<string, string> = { resilience, 'pool-core': poolCore, testkit };
  return lists[packageName]?.trim().split(/\s+/);
}
