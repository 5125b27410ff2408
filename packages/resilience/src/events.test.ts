import { describe, expect, test, vi } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { keyedBreakers } from './breaker/keyed.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { InvalidOptionsError } from './errors.ts';
import { Emitter } from './events.ts';
import type { ListenerFault } from './hooks.ts';
import { retry } from './retry.ts';

interface Events {
  opened: { at: number };
  closed: { reason: string };
}

describe('An emitter', () => {
  test('tells every listener of the event, in the order in which they came, with the payload itself.', () => {
    const emitter = new Emitter<Events>();
    const heard: unknown[] = [];
    emitter.on('opened', (event) => heard.push('first', event));
    emitter.on('closed', () => heard.push('wrong'));
    emitter.on('opened', () => heard.push('second'));
    const event = { at: 5 };
    emitter.emit('opened', event);
    expect(heard).toEqual(['first', event, 'second']);
    expect(heard[1]).toBe(event);
  });

  test('says whether anybody listens to an event, so that payloads need not be built in vain.', () => {
    const emitter = new Emitter<Events>();
    expect(emitter.has('opened')).toBe(false);
    const stop = emitter.on('opened', () => {});
    const stopOther = emitter.on('opened', () => {});
    expect([emitter.has('opened'), emitter.has('closed')]).toEqual([true, false]);
    stop();
    expect(emitter.has('opened')).toBe(true);
    stopOther();
    expect(emitter.has('opened')).toBe(false);
  });

  test('counts the same listener twice when it subscribed twice, and each leaves alone.', () => {
    const emitter = new Emitter<Events>();
    const listener = vi.fn();
    const stop = emitter.on('opened', listener);
    emitter.on('opened', listener);
    emitter.emit('opened', { at: 1 });
    stop();
    stop();
    emitter.emit('opened', { at: 2 });
    expect(listener.mock.calls).toEqual([[{ at: 1 }], [{ at: 1 }], [{ at: 2 }]]);
  });

  test('forgets everybody at once, and can be listened to again.', () => {
    const emitter = new Emitter<Events>();
    const early = vi.fn();
    const late = vi.fn();
    const stop = emitter.on('opened', early);
    emitter.removeAll();
    expect(emitter.has('opened')).toBe(false);
    emitter.on('opened', late);
    stop();
    emitter.emit('opened', { at: 1 });
    expect(early).not.toHaveBeenCalled();
    expect(late).toHaveBeenCalledTimes(1);
  });
});

describe('While an event is being told', () => {
  test('a new listener waits for the next event.', () => {
    const emitter = new Emitter<Events>();
    const late = vi.fn();
    const stop = emitter.on('opened', () => {
      emitter.on('opened', late);
      stop();
    });
    emitter.emit('opened', { at: 1 });
    expect(late).not.toHaveBeenCalled();
    emitter.emit('opened', { at: 2 });
    expect(late.mock.calls).toEqual([[{ at: 2 }]]);
  });

  test('a listener that was removed hears nothing more, even of this event.', () => {
    const emitter = new Emitter<Events>();
    const second = vi.fn();
    emitter.on('opened', () => stop());
    const stop = emitter.on('opened', second);
    emitter.emit('opened', { at: 1 });
    expect(second).not.toHaveBeenCalled();
  });

  test('removing all of them silences those that have not heard it yet.', () => {
    const emitter = new Emitter<Events>();
    const second = vi.fn();
    emitter.on('opened', () => emitter.removeAll());
    emitter.on('opened', second);
    emitter.emit('opened', { at: 1 });
    expect(second).not.toHaveBeenCalled();
  });

  test('an event inside the event is told at once.', () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    emitter.on('opened', ({ at }) => {
      if (at === 1) emitter.emit('opened', { at: 2 });
      heard.push(`first ${at}`);
    });
    emitter.on('opened', ({ at }) => heard.push(`second ${at}`));
    emitter.emit('opened', { at: 1 });
    expect(heard).toEqual(['first 2', 'second 2', 'first 1', 'second 1']);
  });
});

describe('A listener that fails', () => {
  test('by throwing hurts neither the emitter nor the other listeners, and the hook hears of it.', () => {
    const faults: ListenerFault[] = [];
    const emitter = new Emitter<Events>({ listenerFailed: (fault) => faults.push(fault) });
    const error = new Error('listener');
    const other = vi.fn();
    emitter.on('opened', () => {
      throw error;
    });
    emitter.on('opened', other);
    emitter.emit('opened', { at: 1 });
    expect(other).toHaveBeenCalledTimes(1);
    expect(faults).toEqual([{ event: 'opened', error }]);
  });

  test('by rejecting is caught as well, and reported to the hook.', async () => {
    const listenerFailed = vi.fn();
    const emitter = new Emitter<Events>({ listenerFailed });
    const error = new Error('asynchronous');
    emitter.on('closed', async () => {
      throw error;
    });
    emitter.emit('closed', { reason: 'x' });
    await vi.waitFor(() => expect(listenerFailed).toHaveBeenCalledWith({ event: 'closed', error }));
  });

  test('hurts nobody when there is no hook, or when the hook throws too.', () => {
    const failing = () => {
      throw new Error('listener');
    };
    for (const emitter of [new Emitter<Events>(), new Emitter<Events>({ listenerFailed: failing })]) {
      emitter.on('opened', failing);
      expect(() => emitter.emit('opened', { at: 1 })).not.toThrow();
    }
  });
});

describe('Listening to what is never told', () => {
  const breaker = { trip: consecutiveFailures(5), openForMs: 5 };
  type On = (name: never, listener: never) => () => void;
  const owners: Readonly<Record<string, { readonly on: On }>> = {
    "circuitBreaker 'db'": circuitBreaker({ name: 'db', ...breaker }),
    "keyedBreakers 'hosts'": keyedBreakers({ name: 'hosts', breaker }),
    "retry 'call'": retry({ name: 'call' }),
  };

  test.each(Object.entries(owners))('is a fault of %s, which names what there is.', (owner, target) => {
    for (const name of ['state-change', 'constructor', '__proto__', Symbol('state-changed'), undefined]) {
      expect(() => target.on(name as never, (() => {}) as never)).toThrow(InvalidOptionsError);
    }
    expect(() => target.on('stat' as never, 5 as never)).toThrow(
      new RegExp(`^${owner}: on: event is 'stat', expected one of '.*'; listener is 5, expected a function$`),
    );
  });
});
