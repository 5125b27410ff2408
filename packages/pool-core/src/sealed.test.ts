import { inspect } from 'node:util';
import { InvalidOptionsError } from '@cryo/resilience';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyError, type Driver } from './driver.ts';
import { createRedactor } from './redaction.ts';
import {
  createUnsealer,
  isSealed,
  newSealingKey,
  SealError,
  type SealFault,
  seal,
  unseal,
  unsealerFromEnvironment,
} from './sealed.ts';

const key = newSealingKey();

/** The error, and everything that anybody could print of it. */
async function faultOf(promise: Promise<unknown>): Promise<{ fault: SealFault; shown: string }> {
  const error: unknown = await promise.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SealError);
  return { fault: (error as SealError).fault, shown: `${inspect(error)} ${JSON.stringify(error)}` };
}

test('whatever is sealed opens again to the same text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
      const sealed = await seal(text, key);
      expect(sealed).toMatch(/^sealed:v1:[A-Za-z0-9_-]+$/);
      expect(isSealed(sealed)).toBe(true);
      expect(await unseal(sealed, key)).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('the form stays: what was sealed once opens for ever', async () => {
  const zeros = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
  const sealed = 'sealed:v1:AAECAwQFBgcICQoL4L5dJmWPvaZes8hdLsOII7hZdbD0zQk';
  expect(await unseal(sealed, zeros)).toBe('hunter2');
});

test('the same text is never sealed twice alike', async () => {
  const sealed = await Promise.all(Array.from({ length: 20 }, () => seal('hunter2', key)));
  expect(new Set(sealed).size).toBe(20);
});

test('a change of any single character is noticed', async () => {
  const sealed = await seal('hunter2', key);
  for (let at = 'sealed:v1:'.length; at < sealed.length; at++) {
    // The last character carries bits that belong to no byte, so it is changed in one that counts.
    const other = sealed[at] === 'A' ? 'g' : 'A';
    const { fault } = await faultOf(unseal(`${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`, key));
    expect(fault).toBe('wrong-key');
  }
});

test('each fault is told by its own name, and shows neither key nor value', async () => {
  const sealed = await seal('hunter2', key);
  const other = newSealingKey();
  const secrets = [key, other, 'hunter2', sealed.slice('sealed:v1:'.length), 'not-a-key'];
  const cases: [() => Promise<unknown>, SealFault][] = [
    [() => unseal(sealed, other), 'wrong-key'],
    [() => unseal(sealed, []), 'no-key'],
    [() => seal('hunter2', []), 'no-key'],
    [() => unseal(sealed, 'not-a-key'), 'bad-key'],
    [() => unseal(sealed, `${key}AA`), 'bad-key'],
    [() => unseal(sealed, [undefined as never]), 'bad-key'],
    [() => unseal('sealed:v1:hunter2', key), 'bad-value'],
    [() => unseal('sealed:v1:***', key), 'bad-value'],
    [() => unseal('hunter2', key), 'bad-value'],
    [() => unseal(sealed.replace('v1', 'v2'), key), 'unknown-version'],
  ];
  for (const [attempt, expected] of cases) {
    const { fault, shown } = await faultOf(attempt());
    expect(fault).toBe(expected);
    for (const secret of secrets) expect(shown).not.toContain(secret);
  }
});

test('with two keys the first seals and both open, so that a key can be replaced', async () => {
  const older = newSealingKey();
  const sealedBefore = await seal('old', older);
  const sealedNow = await seal('new', [key, older]);
  expect(await unseal(sealedBefore, [key, older])).toBe('old');
  expect(await unseal(sealedNow, key)).toBe('new');
});

test('a key in the standard alphabet, padded and with a line break, is the same key', async () => {
  const standard = `${key.replaceAll('-', '+').replaceAll('_', '/')}=\n`;
  expect(await unseal(await seal('hunter2', standard), key)).toBe('hunter2');
});

test('an unsealer opens what is sealed, however deep, and leaves everything else as it is', async () => {
  const unsealer = createUnsealer({ keys: key });
  const made = new Date(0);
  const config: Record<string, unknown> = { host: 'db', port: 5432, made, nothing: null, list: [await seal('a', key)] };
  config.password = await seal('hunter2', key);
  config.itself = config;
  const opened = await unsealer.openAll(config);
  expect(opened).toMatchObject({ host: 'db', port: 5432, password: 'hunter2', list: ['a'], nothing: null });
  expect(opened.made).toBe(made);
  expect(config.password).not.toBe('hunter2');
  expect(await unsealer.open('as it is')).toBe('as it is');
});

test('an unsealer opens the environment of the process, which is no plain object to the language', async () => {
  process.env.CRYO_SEALED_TEST = await seal('hunter2', key);
  const opened = await createUnsealer({ keys: key }).openAll(process.env);
  delete process.env.CRYO_SEALED_TEST;
  expect(opened.CRYO_SEALED_TEST).toBe('hunter2');
});

test('what was opened is a secret from then on, and of a URL its password too, as written and as meant', async () => {
  const unsealer = createUnsealer({ keys: key });
  await unsealer.open(await seal('postgres://app:p%40ss@db/orders', key));
  await unsealer.open(await seal('hunter2', key));
  expect(unsealer.secrets()).toEqual(['postgres://app:p%40ss@db/orders', 'p%40ss', 'p@ss', 'hunter2']);
  const redactor = createRedactor(() => unsealer.secrets());
  expect(redactor.text('login with hunter2 or p@ss failed')).toBe('login with *** or *** failed');
  expect(inspect(unsealer, { depth: 9, showHidden: true })).not.toContain('hunter2');
  expect(inspect(unsealer, { depth: 9, showHidden: true })).not.toContain(key);
});

test('an unsealer that opens ever new values forgets the oldest', async () => {
  const unsealer = createUnsealer({ keys: key });
  for (let count = 0; count < 1_002; count++) await unsealer.open(await seal(`secret ${count}`, key));
  expect(unsealer.secrets()).toHaveLength(1_000);
  expect(unsealer.secrets()[0]).toBe('secret 2');
});

test('a function is asked for the keys each time, so that a key store may rotate them', async () => {
  const keys = [newSealingKey(), newSealingKey()] as const;
  let current: string = keys[0];
  const unsealer = createUnsealer({ keys: async () => current });
  const sealed = await seal('second', keys[1]);
  expect((await faultOf(unsealer.open(sealed))).fault).toBe('wrong-key');
  current = keys[1];
  expect(await unsealer.open(sealed)).toBe('second');
});

test('the environment names the keys, and a missing one is told once a sealed value is met', async () => {
  const sealed = await seal('hunter2', key);
  const env = { DB_SEALING_KEY: `${newSealingKey()}, ${key}` };
  expect(await unsealerFromEnvironment(env, { prefix: 'DB' }).open(sealed)).toBe('hunter2');
  const without = unsealerFromEnvironment({});
  expect(await without.open('plain')).toBe('plain');
  expect((await faultOf(without.open(sealed))).fault).toBe('no-key');
});

test('keys that are nothing of the kind are a fault of the options', () => {
  expect(() => createUnsealer({ keys: 5 as never })).toThrow(InvalidOptionsError);
  expect(() => createUnsealer(undefined as never)).toThrow(/keys is undefined/);
});

test('a dial that fails for a seal is misconfigured, whatever the driver thinks of it', () => {
  const driver = { name: 'any', classify: () => 'server-unavailable' } as Partial<Driver<unknown>> as Driver<unknown>;
  expect(classifyError(driver, new SealError('wrong-key'), 'open')).toBe('misconfigured');
});
