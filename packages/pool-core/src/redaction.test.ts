import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './redaction.ts';

const SECRET = 'hunter2-Ünder/"quote\' &more';
const redactor = createRedactor(() => [SECRET, 'zweites Geheimnis']);

/** Everything that a printer could show of a value. */
function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value),
    String(value),
  ];
  try {
    parts.push(JSON.stringify(value));
  } catch {
    // Cycles have no JSON.
  }
  return parts.join('\n');
}

function driverError(message: string, more: object = {}): Error {
  return Object.assign(
    new TypeError(message),
    { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' },
    more,
  );
}

describe('an error without a secret', () => {
  it('is answered as the very same object', () => {
    const error = driverError('connect ECONNREFUSED 127.0.0.1:5432', {
      address: '127.0.0.1',
      nested: { list: [1, Number.NaN] },
    });
    expect(redactor.mask(error)).toBe(error);
  });

  it('is answered as the very same object when it is one of many causes, all clean', () => {
    const error = new AggregateError([driverError('one'), driverError('two')], '', { cause: driverError('three') });
    expect(redactor.mask(error)).toBe(error);
  });

  it.each([
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "Access denied for user 'root'@'localhost' (using password: NO)",
    'password authentication failed for user "postgres"',
    'Invalid URL: postgres://localhost:5432/app?application_name=a@b',
    'bypass: 500, compass=3',
    'password: undefined',
    'SASL: client password must be a string',
    'the setting password_encryption = scram-sha-256 is wrong',
  ])('keeps what an operator needs: %s', (message) => {
    const error = new Error(message);
    expect(redactor.mask(error)).toBe(error);
  });

  it('is answered as the very same object when it is masked a second time', () => {
    const once = redactor.mask(
      driverError(`no ${SECRET}`, { url: `postgres://app:${SECRET}@db`, note: 'password=abc' }),
    );
    expect(redactor.mask(once)).toBe(once);
  });
});

describe('an error with a secret', () => {
  it('is answered as a frozen copy that is still the same kind of error with the same codes', () => {
    const error = driverError(`login with ${SECRET} failed`, { severity: 'FATAL' });
    const masked = redactor.mask(error);
    expect(masked).not.toBe(error);
    expect(Object.isFrozen(masked)).toBe(true);
    expect(masked).toBeInstanceOf(TypeError);
    expect(masked).toMatchObject({
      name: 'TypeError',
      message: 'login with *** failed',
      code: 'ER_ACCESS_DENIED_ERROR',
      errno: 1045,
      sqlState: '28000',
      severity: 'FATAL',
    });
    expect(masked.stack).toMatch(/^TypeError: login with \*\*\* failed\n {4}at driverError/);
    expect(Object.prototype.toString.call(masked)).toBe('[object Error]');
  });

  it('leaves the original as it was', () => {
    const error = driverError(`login with ${SECRET} failed`);
    redactor.mask(error);
    expect(error.message).toBe(`login with ${SECRET} failed`);
    expect(Object.isFrozen(error)).toBe(false);
  });

  it('keeps properties hidden that were hidden', () => {
    const error = new Error('outer', { cause: new Error(SECRET) });
    expect(Object.keys(redactor.mask(error))).toEqual([]);
    expect((redactor.mask(error).cause as Error).message).toBe('***');
  });

  it('keeps the part of its properties that is clean as it is', () => {
    const clean = { table: 'experiments' };
    const masked = redactor.mask(driverError(SECRET, { clean }));
    expect((masked as Error & { clean: object }).clean).toBe(clean);
  });

  it('is masked in causes, in the errors of an AggregateError, and in properties of any depth', () => {
    const error = new AggregateError([new Error(SECRET)], 'all failed', {
      cause: new Error('a', { cause: driverError('b', { config: { list: [{ note: `x${SECRET}x` }] } }) }),
    });
    expect(shown(redactor.mask(error))).not.toContain('hunter2');
  });

  it('is masked where an error is its own cause', () => {
    const error = new Error(SECRET) as Error & { self: unknown; cause: unknown };
    error.self = { back: error };
    error.cause = error;
    const masked = redactor.mask(error);
    expect(masked.cause).toBe(masked);
    expect(shown(masked)).not.toContain('hunter2');
  });

  it('is masked in a getter, and a getter that throws hurts nobody', () => {
    const error = new Error('x');
    Object.defineProperty(error, 'config', { enumerable: true, get: () => SECRET });
    Object.defineProperty(error, 'broken', { enumerable: true, get: () => assertNever() });
    const masked = redactor.mask(error) as Error & { config: string };
    expect(masked.config).toBe('***');
    expect(shown(masked)).not.toContain('hunter2');
  });

  it('is masked in private state that the class shows through getters, toJSON, toString or its own way of inspection', () => {
    class LoginError extends Error {
      readonly #password = SECRET;
      get attempted(): string {
        return `tried ${this.#password}`;
      }
      toJSON(): object {
        return { attempted: this.#password, code: 7 };
      }
      override toString(): string {
        return `LoginError(${this.#password})`;
      }
      [inspect.custom](): string {
        return `LoginError<${this.#password}>`;
      }
    }
    const masked = redactor.mask(new LoginError('x'));
    expect(masked).toBeInstanceOf(LoginError);
    expect(masked.attempted).toBe('tried ***');
    expect(JSON.parse(JSON.stringify(masked))).toEqual({ attempted: '***', code: 7 });
    expect(String(masked)).toBe('LoginError(***)');
    expect(inspect(masked)).toBe('LoginError<***>');
  });

  it('can be inspected when its own way of inspection answers the error itself', () => {
    class SelfShown extends Error {
      [inspect.custom](): unknown {
        return this;
      }
    }
    expect(inspect(redactor.mask(new SelfShown(SECRET)))).toContain('***');
  });

  it('is masked in a DOMException, whose properties are all on its prototype', () => {
    const masked = redactor.mask(new DOMException(SECRET, 'AbortError'));
    expect(masked.name).toBe('AbortError');
    expect(masked.message).toBe('***');
    expect(masked.code).toBe(20);
    expect(shown(masked)).not.toContain('hunter2');
  });

  it('is masked in URLs, maps, sets, buffers, boxed strings and symbols that it holds', () => {
    const url = new URL('postgres://db/app');
    url.password = SECRET;
    const error = driverError('x', {
      url,
      map: new Map<unknown, unknown>([
        [SECRET, 1],
        ['a', { SECRET }],
        ['password', 'short'],
      ]),
      set: new Set([SECRET]),
      packet: Buffer.from(`..${SECRET}..`),
      view: new Uint8Array(Buffer.from(SECRET)),
      boxed: new String(SECRET),
      symbol: Symbol(SECRET),
      [SECRET]: 'key',
      [Symbol(SECRET)]: 'key',
      withProperty: Object.assign(() => {}, { SECRET }),
      pattern: /zweites Geheimnis/,
    });
    const text = shown(redactor.mask(error));
    for (const word of ['hunter2', 'Geheimnis', 'short', '68 75 6e 74 65 72', '104, 117, 110', '104,117,110']) {
      expect(text).not.toContain(word);
    }
  });

  it('is masked under a key that names a password, whatever it is', () => {
    const error = driverError('x', {
      config: { password: 'a', dbPass: 12, PGPASSWORD: ['b'], pwd: { c: 'd' }, bypass: 5 },
    });
    const masked = redactor.mask(error) as Error & { config: object };
    expect(masked.config).toEqual({ password: '***', dbPass: '***', PGPASSWORD: '***', pwd: '***', bypass: 5 });
  });

  it('is masked beyond any sensible size and depth without taking the stack or the day', () => {
    let chain = new Error(SECRET);
    for (let depth = 0; depth < 20_000; depth++) chain = new Error(`level ${depth}`, { cause: chain });
    expect(shown(redactor.mask(chain))).not.toContain('hunter2');
  });

  it('is cut off below a hundred levels, where no printer looks', () => {
    let chain = new Error(SECRET);
    for (let depth = 0; depth < 300; depth++) chain = new Error(`level ${depth}`, { cause: chain });
    let cause: unknown = redactor.mask(chain);
    let levels = 0;
    for (; cause instanceof Error; cause = cause.cause) levels++;
    expect(levels).toBe(101);
    expect(cause).toBe('***');
  });

  it('is masked in a proxy whose traps throw', () => {
    const hostile = new Proxy(new Error(SECRET), {
      getPrototypeOf: assertNever,
      ownKeys: assertNever,
      get: assertNever,
    });
    expect(() => redactor.mask(hostile)).not.toThrow();
    expect(() => redactor.mask({ hostile, SECRET })).not.toThrow();
  });
});

describe('what is thrown without being an error', () => {
  it('is masked too', () => {
    expect(redactor.mask(`no ${SECRET}`)).toBe('no ***');
    expect(redactor.mask({ message: SECRET })).toEqual({ message: '***' });
    expect(redactor.mask(undefined)).toBe(undefined);
    expect(redactor.mask(42)).toBe(42);
  });
});

describe('the secrets', () => {
  it('are the ones of the moment', () => {
    let current = ['first'];
    const changing = createRedactor(() => current);
    expect(changing.text('first second')).toBe('*** second');
    current = ['second'];
    expect(changing.text('first second')).toBe('first ***');
  });

  it('are the last known ones while the driver fails to say', () => {
    let fails = false;
    const failing = createRedactor(() => (fails ? assertNever() : ['first']));
    expect(failing.text('first')).toBe('***');
    fails = true;
    expect(failing.text('first')).toBe('***');
  });

  it('of fewer than three characters are masked only where their place tells what they are', () => {
    const short = createRedactor(() => ['', 'a', 'ab']);
    expect(short.text('a cab at postgres://x:ab@y, password=a')).toBe('a cab at postgres://x:***@y, password=***');
  });

  it('that contain each other leave nothing of the longer one', () => {
    expect(createRedactor(() => ['tiger', 'tiger-lily']).text('tiger-lily tiger')).toBe('*** ***');
  });

  it('are found as numbers', () => {
    const pin = createRedactor(() => ['123456']);
    expect(pin.mask({ pin: 123456, other: 12 })).toEqual({ pin: '***', other: 12 });
    const short = { other: 12 };
    expect(createRedactor(() => ['12']).mask(short)).toBe(short);
  });
});

describe('whatever the secret and wherever it is planted', () => {
  const characters = fc.constantFrom(...'abcXYZ019 !"#$%&\'()+,-./:;<=>?@[]^_`{|}~\\\n\tüß€😀');
  // The marker is in no stack and no punctuation of a printer, so that what is found is the secret.
  const secrets = fc.string({ unit: characters, minLength: 1, maxLength: 40 }).map((secret) => `Zq${secret}`);
  const spellings: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => encodeURIComponent(secret),
    (secret) => encodeURI(secret),
    (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
    (secret) => encodeURIComponent(encodeURIComponent(secret)),
    (secret) =>
      encodeURIComponent(secret).toLowerCase() === encodeURIComponent(secret) ? secret : percentLower(secret),
    (secret) => urlPassword(secret),
    (secret) => JSON.stringify(secret).slice(1, -1),
    (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    (secret) => inspect(secret).slice(1, -1),
    (secret) => secret.replaceAll("'", "''"),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => Buffer.from(secret).toString('base64url'),
    (secret) => Buffer.from(`user:${secret}`).toString('base64').replace(/=+$/, ''),
    (secret) => Buffer.from(secret).toString('hex'),
  ];
  const WITHIN_BASE64 = spellings.length - 2;
  const spelled = fc
    .tuple(secrets, fc.nat(spellings.length - 1), fc.nat(6), fc.string({ maxLength: 10 }))
    .map(([secret, spelling, place, noise]) => ({
      secret,
      spelling,
      written: (spellings[spelling] as (text: string) => string)(secret),
      place,
      noise,
    }));

  it('nothing that can be printed shows it, and everything else stays', () => {
    fc.assert(
      fc.property(spelled, ({ secret, spelling, written, place, noise }) => {
        fc.pre(secret.length >= 6 || spelling !== WITHIN_BASE64);
        const error = plant(`${noise} ${written} ${noise}`, place);
        const masked = createRedactor(() => [secret]).mask(error);
        const text = shown(masked);
        for (const form of [written, JSON.stringify(written).slice(1, -1), inspect(written).slice(1, -1)]) {
          expect(text).not.toContain(form.length > 8 ? form.slice(0, -2) : form);
        }
        expect(masked).toMatchObject({ name: 'Error', code: '28P01' });
        expect(masked).toBeInstanceOf(Error);
      }),
      { numRuns: 500 },
    );
  });

  it('the text without it is the same text', () => {
    fc.assert(
      fc.property(fc.string(), (message) => {
        fc.pre(!/pass|pwd|secret|:\/\//i.test(message) && !message.includes('hunter2'));
        expect(createRedactor(() => ['hunter2hunter2']).text(message)).toBe(message);
      }),
    );
  });

  function plant(text: string, place: number): Error {
    const carriers: readonly (() => object)[] = [
      () => new Error(text),
      () => new Error('x', { cause: new Error(text) }),
      () => new Error('x', { cause: text }),
      () => new AggregateError([new Error('y'), text], 'x'),
      () => Object.assign(new Error('x'), { deep: [{ er: new Map([['k', { text }]]) }] }),
      () => Object.assign(new Error('x'), { [text]: 1 }),
      () => Object.assign(new Error('x'), { packet: Buffer.from(text) }),
    ];
    const carrier = carriers[place % carriers.length] as () => Error;
    return Object.assign(carrier(), { code: '28P01', name: 'Error' });
  }

  function percentLower(secret: string): string {
    return encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase());
  }

  function urlPassword(secret: string): string {
    const url = new URL('http://host/');
    url.password = secret;
    return url.password;
  }
});

function assertNever(): never {
  throw new Error('must not be shown');
}
