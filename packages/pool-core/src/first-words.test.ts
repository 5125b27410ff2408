import { VirtualClock } from '@cryo/resilience/testing';
import { expect, test } from 'vitest';
import type { PeerAnswer } from './adapter-errors.ts';
import { FirstWords, type Peer, type SideConnection } from './first-words.ts';

/** A further connection in the hands of the test. */
class Side implements SideConnection {
  readonly said: string[] = [];
  isDestroyed = false;
  readonly #listeners: (readonly [string, (given: never) => void])[] = [];

  on(event: string, listener: (given: never) => void): void {
    this.#listeners.push([event, listener]);
  }

  write(text: string): void {
    this.said.push(text);
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  happens(event: string, given?: unknown): void {
    for (const [name, listener] of this.#listeners) if (name === event) listener(given as never);
  }

  says(text: string): void {
    this.happens('data', new TextEncoder().encode(text));
  }
}

function rig({ limitMs = 10_000, ...peer }: Partial<Peer> & { readonly limitMs?: number } = {}) {
  const clock = new VirtualClock();
  const sides: Side[] = [];
  const told: unknown[] = [];
  const words = new FirstWords({
    clock,
    timers: clock,
    judge: (said) => (said.length < 2 ? 'unsure' : said[0] === 'M'.charCodeAt(0) ? 'right' : 'wrong'),
    foreign: (address: string, answer: PeerAnswer) => ({ address, answer }),
  });
  const wait = () =>
    words.wait(
      {
        address: 'db:1',
        deadline: clock.now() + limitMs,
        libraryLimitMs: 0,
        isConnected: () => true,
        connect: () => {
          const side = new Side();
          sides.push(side);
          return side;
        },
        ...peer,
      },
      (error) => told.push(error),
    );
  const ask = async (): Promise<Side> => {
    await clock.advance(limitMs / 2);
    const side = sides.at(-1) as Side;
    side.happens('connect');
    await clock.advance(limitMs / 20);
    return side;
  };
  return { clock, sides, told, words, wait, ask };
}

test('a peer that is silent for half of the time is asked, on a connection beside the one that waits', async () => {
  const { told, sides, wait, ask } = rig();
  wait();
  const side = await ask();
  expect(side.said).toEqual(['GET / HTTP/1.0\r\n\r\n']);
  side.says('HTTP/1.1 400');
  expect(told).toEqual([{ address: 'db:1', answer: new TextEncoder().encode('HTTP/1.1 400') }]);
  expect(sides).toHaveLength(1);
  expect(side.isDestroyed).toBe(true);
});

test('one that hangs up on the question is of another kind, and one that hung up before is not accused', async () => {
  const { clock, told, wait, ask } = rig();
  wait();
  (await ask()).happens('close');
  await clock.advance(500);
  expect(told).toEqual([{ address: 'db:1', answer: 'hung-up' }]);
  const other = rig();
  other.wait();
  await other.clock.advance(5_000);
  other.sides[0]?.happens('connect');
  other.sides[0]?.happens('close');
  await other.clock.advance(1_000);
  expect(other.told).toEqual([]);
});

test('one that hangs up on the question and then on the dial, as a proxy does that ends, is not accused', async () => {
  const { clock, told, wait, ask } = rig();
  const end = wait();
  (await ask()).happens('close');
  await clock.advance(100);
  end();
  await clock.advance(5_000);
  expect(told).toEqual([]);
});

test('an answer that comes in pieces is put together before it is judged', async () => {
  const { told, wait, ask } = rig();
  wait();
  const side = await ask();
  side.says('-');
  expect(told).toEqual([]);
  side.says('ERR');
  expect(told).toHaveLength(1);
});

test('a greeting on that connection clears the peer: the dial goes on waiting, and nobody asks again', async () => {
  const { clock, sides, told, wait, ask } = rig();
  const end = wait();
  (await ask()).says('MySQL');
  expect(told).toEqual([]);
  end();
  wait();
  await clock.advance(9_000);
  expect(sides).toHaveLength(1);
});

test('where the right server was heard once, a silent one is never asked', async () => {
  const { clock, sides, told, words, wait } = rig();
  words.know('db:1');
  wait();
  await clock.advance(9_900);
  expect(sides).toEqual([]);
  expect(told).toMatchObject([{ code: 'SERVER_SILENT' }]);
});

test('of several dials that wait one asks, and the next one when that wait has ended', async () => {
  const { clock, sides, wait } = rig();
  const end = wait();
  wait();
  await clock.advance(5_000);
  expect(sides).toHaveLength(1);
  end();
  expect(sides[0]?.isDestroyed).toBe(true);
  wait();
  await clock.advance(5_000);
  expect(sides).toHaveLength(2);
});

test('silence is told just before the end of the time, with how far the dial had come', async () => {
  const { clock, told, wait } = rig({ limitMs: 300 });
  wait();
  await clock.advance(293);
  expect(told).toEqual([]);
  await clock.advance(2);
  expect(told).toMatchObject([{ code: 'SERVER_SILENT', address: 'db:1', stage: 'connected' }]);
  const unconnected = rig({ isConnected: () => false });
  unconnected.wait();
  await unconnected.clock.advance(9_900);
  expect(unconnected.told).toMatchObject([{ stage: 'connecting' }]);
  expect(unconnected.sides).toEqual([]);
});

test('a library that waits less long by itself is told of before that', async () => {
  const { clock, told, wait } = rig({ libraryLimitMs: 1_000 });
  wait();
  await clock.advance(990);
  expect(told).toMatchObject([{ silentMs: 980 }]);
});

test('without a limit nobody is called silent, and another kind of server is told all the same', async () => {
  const { clock, told, sides, wait } = rig({ limitMs: Number.POSITIVE_INFINITY });
  wait();
  await clock.advance(5_000);
  sides[0]?.happens('connect');
  await clock.advance(500);
  sides[0]?.says('HTTP');
  expect(told).toHaveLength(1);
});

test('a further connection that cannot even be begun is none, and throws at nobody', async () => {
  const refusing = () => {
    throw new Error('a bad port');
  };
  const { clock, told, wait } = rig({ connect: refusing });
  wait();
  await clock.advance(5_000);
  expect(told).toEqual([]);
  await clock.advance(4_900);
  expect(told).toMatchObject([{ code: 'SERVER_SILENT' }]);
});

test('behind a blocked event loop nobody is called silent: the time is over for the pool as well', async () => {
  const { clock, told, wait } = rig();
  wait();
  await clock.advance(9_000);
  clock.stall(2_000);
  await clock.advance(100);
  expect(told).toEqual([]);
});

test('after the end of the wait nothing is told, and no timer is left', async () => {
  const { clock, told, wait, ask } = rig();
  const end = wait();
  const side = await ask();
  end();
  side.happens('connect');
  side.says('HTTP');
  side.happens('close');
  expect(clock.pending()).toBe(0);
  await clock.advance(60_000);
  expect(told).toEqual([]);
});
