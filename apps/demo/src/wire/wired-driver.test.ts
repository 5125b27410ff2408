import type { Driver } from '@cryo/pool-core';
import { CallContext } from '@cryo/resilience';
import { describe, expect, it } from 'vitest';
import { Wire, WireFault } from './wire.ts';
import { wiredDriver } from './wired-driver.ts';

const context = new CallContext(Number.POSITIVE_INFINITY);

/** A driver that keeps its calls, in private so that a wrapper can't call its parts on anything else. */
class Notebook implements Driver<object> {
  readonly name = 'notebook';
  readonly #calls: string[] = [];
  get calls(): readonly string[] {
    return this.#calls;
  }
  async open() {
    this.#calls.push('open');
    return {};
  }
  async check() {
    this.#calls.push('check');
  }
  async close() {
    this.#calls.push('close');
  }
  destroy() {
    this.#calls.push('destroy');
  }
  reset() {
    this.#calls.push('reset');
  }
  classify(error: unknown) {
    return error instanceof RangeError ? ('conflict' as const) : undefined;
  }
}

describe('a wired driver', () => {
  it('passes everything on while the wire is sound', async () => {
    const notebook = new Notebook();
    const driver = wiredDriver(notebook, new Wire(() => 0));
    const connection = await driver.open(context);
    await driver.check(connection, context);
    await driver.reset?.(connection, context);
    await driver.close(connection, context);
    driver.destroy(connection);
    expect(driver.name).toBe('notebook');
    expect(notebook.calls).toEqual(['open', 'check', 'reset', 'close', 'destroy']);
  });

  it('leaves out what the driver leaves out', () => {
    const driver = wiredDriver(new Notebook(), new Wire(() => 0));
    expect(driver).not.toHaveProperty('ref');
    expect(driver).not.toHaveProperty('secrets');
    expect(driver).not.toHaveProperty('server');
  });

  it('does not dial while nobody answers', async () => {
    const notebook = new Notebook();
    const wire = new Wire(() => 0);
    wire.afflict(['dial-failures']);
    await expect(wiredDriver(notebook, wire).open(context)).rejects.toBeInstanceOf(WireFault);
    expect(notebook.calls).toEqual([]);
  });

  it('reports a killed connection as broken and fails its next check', async () => {
    const wire = new Wire(() => 0);
    const driver = wiredDriver(new Notebook(), wire);
    const connection = await driver.open(context);
    const told: unknown[] = [];
    driver.watch?.(connection, (error) => told.push(error));
    wire.afflict(['kill']);
    wire.kill();
    expect(told).toHaveLength(1);
    await expect(driver.check(connection, context)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('knows the faults of the wire, and leaves all others to the driver', () => {
    const driver = wiredDriver(new Notebook(), new Wire(() => 0));
    expect(driver.classify?.(new WireFault('DIAL_REFUSED', ''), 'open')).toBe('server-unavailable');
    expect(driver.classify?.(new WireFault('CONNECTION_LOST', ''), 'use')).toBe('connection-lost');
    expect(driver.classify?.(new RangeError(), 'use')).toBe('conflict');
    expect(driver.classify?.(new Error(), 'use')).toBeUndefined();
  });
});
