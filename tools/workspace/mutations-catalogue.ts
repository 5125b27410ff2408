/**
 * Owns the planted bugs: for each promise and each rule of the pool at least one small change of its source that breaks it.
 * It must never know how a bug is found.
 */

/** One bug. It stands as long as `find` occurs exactly once in the file. */
export interface Mutation {
  readonly name: string;
  /** `I1` to `I12`, or `rule 1` to `rule 10`. */
  readonly breaks: string;
  /** Below `packages/pool-core/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Who finds what no promise speaks of; default: the simulator and the enumeration alone. */
  readonly test?: string;
}

type Row = readonly [name: string, breaks: string, file: string, find: string, replace: string, test?: string];

const ROWS: readonly Row[] = [
  ['dials beyond max', 'I1', 'opener.ts', 'roster.live < bounds.max && roster', 'roster.live <= bounds.max && roster'],
  [
    'a hung call never gives its slot back',
    'I1',
    'driver-call.ts',
    "this.#state = 'abandoned';\n    this.#watcher.freed();",
    "this.#state = 'abandoned';",
  ],
  [
    'deadlines are looked at one second late',
    'I2',
    'expiry.ts',
    'queue.nextDeadlineMs(), now,',
    'queue.nextDeadlineMs() + 1_000, now,',
  ],
  [
    'an abort is not heard in the queue',
    'I2',
    'acquisition.ts',
    'if (signal !== undefined) this.#followSignal(request, signal);',
    '',
  ],
  [
    'the youngest is served first',
    'I3',
    'wait-queue.ts',
    'const waiter = line.shift();',
    'const { chunk, index } = line.newest;\n    const waiter = line.leave(chunk, index);',
  ],
  ['a lease stays in force after its release', 'I4', 'returner.ts', 'connection.stamp++;', ''],
  [
    'a second release is not told',
    'I4',
    'acquisition.ts',
    "this.#stores.events.emit('double-release', { connection: connection.id, label });",
    '',
  ],
  ['a dial is not counted', 'I5', 'roster.ts', 'this.#counts.dialing++;\n    this.live++;', 'this.live++;'],
  [
    'the queue forgets to count who leaves',
    'I5',
    'wait-queue.ts',
    "request.state = 'settled';\n    this.size--;",
    "request.state = 'settled';",
  ],
  ['an aborted request keeps its place', 'I6', 'acquisition.ts', 'this.#stores.queue.remove(request);', ''],
  [
    'a throwing watch escapes',
    'I7',
    'admission.ts',
    '} catch (error) {\n      this.#broken(connection, error);',
    '} catch (error) {\n      throw error;',
  ],
  [
    'a throwing classify escapes',
    'I7',
    'driver.ts',
    '} catch {\n    return UNDECIDED[phase];',
    '} catch (error) {\n    throw error;',
  ],
  [
    'a failed dial keeps its ticket',
    'I8',
    'opener.ts',
    'roster.dialEnded();\n    quietly(() => this.#stores.capacity.give());',
    'roster.dialEnded();',
  ],
  ['a failed dial keeps its slot', 'I8', 'opener.ts', "if (slot === 'free') return this.#freed(dial);", ''],
  ['a connection that comes late is kept open', 'I9', 'opener.ts', 'destroyQuietly(driver, resource);', ''],
  ['the keeper goes on after the close', 'I9', 'keeper.ts', 'this.#timer?.cancel();', ''],
  [
    'waiters are not told of a close',
    'I9',
    'closing.ts',
    "while (queue.size > 0) this.#staff.acquisition.refuseNext('closed', now);",
    '',
  ],
  [
    'a watch is never removed',
    'I9',
    'closer.ts',
    'if (connection.unwatch !== undefined) quietly(connection.unwatch);',
    '',
  ],
  [
    'a failed reset counts as clean',
    'I10',
    'returner.ts',
    'if (answer === undefined) return this.#home(connection, now);',
    'if (answer !== undefined) answer.catch(() => {});\n    return this.#home(connection, now);',
  ],
  [
    'a misconfigured server is asked at once again',
    'I11',
    'dial-schedule.ts',
    "errorClass === 'misconfigured' ? Math.max(MISCONFIGURED_PROBE_MS, delayMs) : delayMs",
    "errorClass === 'misconfigured' ? 0 : delayMs",
  ],
  [
    'retries do not wait',
    'I11',
    'dial-schedule.ts',
    'return Math.max(this.#retryAtMs, overloadedUntilMs);',
    'return overloadedUntilMs;',
  ],
  [
    'more dials at once than allowed',
    'I11',
    'opener.ts',
    'this.#dials.size - slow >= concurrency',
    'this.#dials.size - slow > concurrency',
  ],
  [
    'the queue takes one too many',
    'I12',
    'wait-queue.ts',
    'return this.size >= this.limit;',
    'return this.size > this.limit;',
  ],
  [
    'one dial for each waiter, whatever comes back',
    'rule 1',
    'demand.ts',
    'view.waiting - view.dialing - view.arriving - comingBack',
    'view.waiting',
    'demand.test.ts',
  ],
  [
    'the pump grants what is not fresh',
    'rule 2',
    'dispatcher.ts',
    '} else if (now < top.freshUntilMs) {',
    '} else if (now >= 0) {',
    'validator.test.ts',
  ],
  [
    'a deadline moves with each thaw',
    'rule 3',
    'wait-queue.ts',
    "if (request.grace === 'used') return;",
    '',
    'thaw.test.ts',
  ],
  [
    'a failed check leaves the connection',
    'rule 4',
    'validator.ts',
    "this.#closer.destroy(connection, 'check-failed', slot);",
    "slot === 'free' ? this.#rest(connection, purpose, 0) : this.#closer.destroy(connection, 'check-failed', slot);",
    'validator.test.ts',
  ],
  [
    'others are not suspect after a loss',
    'rule 4',
    'closer.ts',
    'idle.suspectAll();',
    'void idle;',
    'validator.test.ts',
  ],
  [
    'a dead server refuses nobody',
    'rule 5',
    'opener.ts',
    'return schedule.down && this',
    'return false && this',
    'dial-schedule.test.ts',
  ],
  [
    'failures do not count against the breaker',
    'rule 5',
    'dial-schedule.ts',
    "this.breaker?.settle(ticket.permit, 'failure', undefined, failure.error);",
    "this.breaker?.settle(ticket.permit, 'neutral');",
    'dial-schedule.test.ts',
  ],
  [
    'a recycled connection is lent again',
    'rule 6',
    'retirement.ts',
    "if (connection.generation !== generation) return 'recycled';",
    '',
    'keeper.test.ts',
  ],
  [
    'lifetimes grow by their jitter',
    'rule 6',
    'retirement.ts',
    '(1 - retirement.jitter * random())',
    '(1 + retirement.jitter * random())',
    'keeper.test.ts',
  ],
  [
    'growth during an outage',
    'rule 7',
    'sizer/elastic.ts',
    'utilization > growAbove && growthAllowed &&',
    'utilization > growAbove &&',
    'sizer/elastic.test.ts',
  ],
  [
    'the minimum grows beyond half',
    'rule 7',
    'sizer/elastic.ts',
    'Math.floor(max / 2)',
    'max',
    'sizer/elastic.test.ts',
  ],
  [
    'secrets of the driver are not asked for',
    'rule 8',
    'closer.ts',
    'error: redactor.mask(error) });',
    'error });',
    'secrecy.test.ts',
  ],
  [
    'four failed checks are none too many',
    'rule 9',
    'health.ts',
    "if (value <= threshold) return [];\n  return [{ code: 'health-checks-failing'",
    "if (value <= threshold + 1) return [];\n  return [{ code: 'health-checks-failing'",
    'health.test.ts',
  ],
  [
    'down is no more than degraded',
    'rule 9',
    'health.ts',
    "down ? 'down' : reasons",
    "down ? 'degraded' : reasons",
    'health.test.ts',
  ],
  ['a leak is reported at each look', 'rule 10', 'leak.ts', 'connection.leakReported = true;', '', 'leak.test.ts'],
  [
    'a reclaimed lease stays in force',
    'rule 10',
    'leak.ts',
    "this.#returner.revoke(connection, 'reclaimed', new LeaseReleasedError(settings.name, { label }));\n    events.emit('lease-reclaimed'",
    "events.emit('lease-reclaimed'",
    'leak.test.ts',
  ],
];

export const MUTATIONS: readonly Mutation[] = ROWS.map(([name, breaks, file, find, replace, test]) => ({
  name,
  breaks,
  file,
  find,
  replace,
  ...(test !== undefined && { test }),
}));
