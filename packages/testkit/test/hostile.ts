/**
 * Owns a driver that breaks every rule at once, around one that keeps them.
 * It must never lose a connection of the driver beneath: what is lost has to be the pool's fault.
 */
import type { Driver } from '@cryo/pool-core';
import type { SeededRandom } from '@cryo/resilience/testing';

const GARBAGE = [undefined, null, 0, 'garbage', {}, () => 'garbage'] as const;
const FAULTS = [undefined, null, 0, 'no error at all', { code: 'ODD' }, new Error('an error')] as const;

export function hostile<Connection>(driver: Driver<Connection>, random: SeededRandom): Driver<Connection> {
  const mayThrow = (chance = 0.2): void => {
    if (random.chance(chance)) throw random.pick(FAULTS);
  };
  /** What a driver in JavaScript may answer instead of what was asked for. */
  const garbage = (): never => random.pick(GARBAGE) as never;
  const twice = <Result>(answer: Promise<Result>) => (random.chance(0.5) ? stutter(answer) : answer);
  const fail = (): never => {
    mayThrow();
    return random.chance(0.2) ? (Promise.reject(random.pick(FAULTS)) as never) : garbage();
  };
  const watchers = new Map<Connection, (error: unknown) => void>();
  return {
    ...driver,
    // Dials that throw are the server's to play, which counts them.
    open: (context) => twice(driver.open(context)),
    check: (connection, context) => (random.chance(0.1) ? garbage() : twice(driver.check(connection, context))),
    close: (connection, context) => twice(driver.close(connection, context)),
    destroy(connection) {
      watchers.get(connection)?.(random.pick(FAULTS));
      quietly(driver.destroy(connection));
      watchers.get(connection)?.(random.pick(FAULTS));
      mayThrow(0.5);
      return garbage();
    },
    watch(connection, broken) {
      watchers.set(connection, broken);
      mayThrow();
      if (random.chance(0.1)) broken(random.pick(FAULTS));
      if (random.chance(0.5) || driver.watch === undefined) return garbage();
      const unwatch = driver.watch(connection, broken);
      return () => {
        quietly(unwatch());
        broken(random.pick(FAULTS));
        mayThrow(0.5);
      };
    },
    ref: () => fail(),
    unref: () => fail(),
    secrets() {
      mayThrow();
      return garbage();
    },
  };
}

/** The driver beneath may answer what it should not: that is its own doing, and not what is tried here. */
function quietly(answer: unknown): void {
  Promise.resolve(answer).catch(() => {});
}

/** Something like a promise that answers twice, at once, and then throws. */
function stutter<Result>(answer: Promise<Result>): Promise<Result> {
  answer.catch(() => {});
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: a thenable that misbehaves is what is tried here
    then(resolve: (result: Promise<Result>) => void, reject: (error: unknown) => void): void {
      resolve(answer);
      reject(new Error('the second answer'));
      resolve(answer);
      throw new Error('the third answer');
    },
  };
  return thenable as never;
}
