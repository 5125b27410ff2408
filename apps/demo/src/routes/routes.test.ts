import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqlitePool } from '@cryo/pool-sqlite';
import { CryoError } from '@cryo/resilience';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPOUNDS } from '../data/compounds.ts';
import { type Database, ForeignDatabaseError, type OpenDatabase } from '../data/database.ts';
import { MIXTURES } from '../data/mixtures.ts';
import { experimentById } from '../data/queries.ts';
import { addExperiment, LOAD_OPERATOR } from '../data/record.ts';
import { openSqlite } from '../data/sqlite/open.ts';
import { createServer } from '../http/server.ts';
import { Wire, WireFault } from '../wire/wire.ts';

const directory = mkdtempSync(join(tmpdir(), 'cryoprotect-'));
const status = { readiness: () => ({ status: 'ok' as const, reasons: [] }), overview: () => ({ hello: 'page' }) };
const noMistake = (error: unknown) => {
  throw error;
};
let opened: OpenDatabase;
let app: FastifyInstance;

beforeAll(async () => {
  opened = await openSqlite({ file: join(directory, 'routes.sqlite') }, new Wire(() => 0));
  app = createServer(opened.database, status, noMistake);
});

afterAll(async () => {
  await app.close();
  await opened.close();
  rmSync(directory, { recursive: true });
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

async function get(url: string): Promise<Reply> {
  const { statusCode, headers, body } = await app.inject({ url });
  return { status: statusCode, headers, body: JSON.parse(body) };
}

async function post(payload: object | string): Promise<Reply> {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/api/experiments', headers, payload });
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

const EXPERIMENT = {
  mixtureId: 1,
  specimen: 'HeLa cells',
  coolingRateCelsiusPerMinute: 1,
  warmingRateCelsiusPerMinute: 100,
  storageTemperatureCelsius: -196,
  operator: 'Ada',
  readings: [
    { hoursAfterThaw: 0, viabilityPercent: 91 },
    { hoursAfterThaw: 24, viabilityPercent: 84.5 },
  ],
};

describe('GET /api/cryoprotectants', () => {
  it('answers the first page of all of them', async () => {
    const { status, body } = await get('/api/cryoprotectants');
    expect(status).toBe(200);
    expect(body).toMatchObject({ page: 1, pageSize: 20, total: COMPOUNDS.length });
    expect(body).toHaveProperty('items.length', 20);
  });

  it('turns pages until none are left', async () => {
    const last = Math.ceil(COMPOUNDS.length / 25);
    expect((await get(`/api/cryoprotectants?pageSize=25&page=${last}`)).body).toHaveProperty(
      'items.length',
      COMPOUNDS.length - 25 * (last - 1),
    );
    expect((await get(`/api/cryoprotectants?pageSize=25&page=${last + 1}`)).body).toHaveProperty('items', []);
  });

  it.each([
    ['a name', 'q=glycer', 'Glycerol'],
    ['another name', 'q=dmso', 'Dimethyl sulfoxide'],
    ['a CAS number', 'q=107-43-7', 'Glycine betaine'],
    ['a formula', 'q=C12H26O13', 'Trehalose dihydrate'],
    ['a kind', 'kind=sulfoxide', 'Dimethyl sulfoxide'],
    ['both', 'kind=sugar&q=tol', undefined],
  ])('finds by %s', async (_, query, name) => {
    const { body } = await get(`/api/cryoprotectants?${query}`);
    if (name === undefined) expect(body).toMatchObject({ items: [], total: 0 });
    else expect(body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ name })]) });
  });

  it('takes the signs of a pattern for what they are', async () => {
    expect((await get('/api/cryoprotectants?q=%25')).body).toMatchObject({ total: 0 });
    expect((await get('/api/cryoprotectants?q=_')).body).toMatchObject({ total: 0 });
  });

  it.each([
    ['page=0', 'page'],
    ['page=two', 'page'],
    ['pageSize=1000', 'pageSize'],
    ['kind=metal', 'kind'],
    ['colour=blue', 'colour'],
  ])('refuses %s and names the field', async (query, field) => {
    const { status, body } = await get(`/api/cryoprotectants?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'INVALID_REQUEST', field } });
  });
});

describe('one by its number', () => {
  it('is a compound with the mixtures it is part of', async () => {
    expect((await get('/api/cryoprotectants/1')).body).toMatchObject({
      name: 'Dimethyl sulfoxide',
      formula: 'C2H6OS',
      molarMass: 78.13,
      cas: '67-68-5',
      mixtures: expect.arrayContaining([expect.objectContaining({ name: 'VS55' })]),
    });
  });

  it('is a mixture with its ingredients, the most first', async () => {
    const { items } = (await get('/api/mixtures')).body as { items: { id: number; name: string }[] };
    expect(items).toHaveLength(MIXTURES.length);
    const vs55 = items.find(({ name }) => name === 'VS55');
    expect((await get(`/api/mixtures/${vs55?.id}`)).body).toMatchObject({
      ingredients: [{ amount: 3.1, unit: 'mol/L' }, { amount: 3.1 }, { name: 'Propylene glycol', amount: 2.2 }],
    });
  });

  it.each(['cryoprotectants', 'mixtures', 'experiments'])(
    'answers 404 where there is none among the %s',
    async (what) => {
      expect(await get(`/api/${what}/999999`)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    },
  );

  it.each(['cryoprotectants', 'mixtures', 'experiments'])('answers 400 to what is no number of %s', async (what) => {
    expect(await get(`/api/${what}/zero`)).toMatchObject({ status: 400, body: { error: { field: 'id' } } });
    expect(await get(`/api/${what}/0`)).toMatchObject({ status: 400, body: { error: { field: 'id' } } });
  });
});

describe('POST /api/experiments', () => {
  it('records an experiment that can be read back', async () => {
    const { status, headers, body } = await post(EXPERIMENT);
    expect(status).toBe(201);
    const { id } = body as { id: number };
    expect(headers.location).toBe(`/api/experiments/${id}`);
    expect((await get(`/api/experiments/${id}`)).body).toMatchObject({ ...EXPERIMENT, id, mixture: 'DMSO 10 %' });
  });

  it.each([
    ['a missing field', { specimen: undefined }, 'specimen'],
    ['text for a number', { mixtureId: '1' }, 'mixtureId'],
    ['null for a number', { coolingRateCelsiusPerMinute: null }, 'coolingRateCelsiusPerMinute'],
    ['an unknown field', { colour: 'blue' }, 'colour'],
    ['white space for text', { operator: '   ' }, 'operator'],
    ['colder than possible', { storageTemperatureCelsius: -300 }, 'storageTemperatureCelsius'],
    ['no reading', { readings: [] }, 'readings'],
    ['a bad reading', { readings: [{ hoursAfterThaw: 0, viabilityPercent: 101 }] }, 'readings[0].viabilityPercent'],
    ['half a reading', { readings: [{ hoursAfterThaw: 0 }] }, 'readings[0].viabilityPercent'],
    [
      'the same hour twice',
      { readings: [EXPERIMENT.readings[0], EXPERIMENT.readings[0]] },
      'readings[1].hoursAfterThaw',
    ],
  ])('refuses %s and names the field', async (_, change, field) => {
    expect(await post({ ...EXPERIMENT, ...change })).toMatchObject({ status: 400, body: { error: { field } } });
  });

  it('tells every fault of a body at once', async () => {
    const { body } = await post({ ...EXPERIMENT, mixtureId: 0, operator: '' });
    expect(body).toMatchObject({
      error: {
        faults: expect.arrayContaining(['mixtureId', 'operator'].map((field) => expect.objectContaining({ field }))),
      },
    });
  });

  it('refuses a mixture that does not exist and names the field', async () => {
    expect(await post({ ...EXPERIMENT, mixtureId: 999_999 })).toMatchObject({
      status: 400,
      body: { error: { code: 'UNKNOWN_MIXTURE', field: 'mixtureId' } },
    });
  });

  it('refuses what is no JSON, and what is too much of it', async () => {
    expect(await post('{"mixtureId":')).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_BODY', field: 'body' } },
    });
    expect(await post({ ...EXPERIMENT, specimen: 'x'.repeat(20_000) })).toMatchObject({
      status: 413,
      body: { error: { code: 'BODY_TOO_LARGE', field: 'body' } },
    });
  });
});

describe('the operations', () => {
  it('say that the process is alive and the pool ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ok', reasons: [] } });
  });

  it('answer 503 with the reasons while the pool is down', async () => {
    const reasons = ['the dial breaker is open'];
    const down = createServer(
      opened.database,
      { ...status, readiness: () => ({ status: 'down', reasons }) },
      noMistake,
    );
    const { statusCode, body } = await down.inject({ url: '/readyz' });
    expect([statusCode, JSON.parse(body)]).toEqual([503, { status: 'down', reasons }]);
    await down.close();
  });

  it('show the pool as data and as a page of its own', async () => {
    expect((await get('/api/pool')).body).toEqual({ hello: 'page' });
    const page = await app.inject({ url: '/' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<title>CryoProtect</title>');
    expect(page.body).not.toMatch(/(src|href)="https?:/);
  });

  it('answer JSON where there is nothing', async () => {
    expect(await get('/nowhere')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });
});

describe('a database in trouble', () => {
  async function failingWith(error: unknown) {
    const fail = () => Promise.reject(error);
    const mistakes: unknown[] = [];
    const failing = createServer({ read: fail, write: fail } satisfies Database, status, (mistake) =>
      mistakes.push(mistake),
    );
    const { statusCode, headers, body } = await failing.inject({ url: '/api/mixtures' });
    await failing.close();
    return { status: statusCode, retryAfter: headers['retry-after'], body: JSON.parse(body), mistakes };
  }

  it.each([
    ['no connection in time', new CryoError('ACQUIRE_TIMEOUT', 'secret'), 504],
    ['a full queue', new CryoError('QUEUE_FULL', 'secret'), 503],
    ['a closing pool', new CryoError('POOL_CLOSED', 'secret'), 503],
    ['a lost connection', new WireFault('CONNECTION_LOST', 'secret'), 503],
    ['a lock of another process', Object.assign(new Error('secret'), { code: 'SQLITE_BUSY' }), 503],
  ])('answers %s with its code and no word of its own', async (_, error, expected) => {
    const { status: answered, body } = await failingWith(error);
    expect(answered).toBe(expected);
    expect(body.error.code).toBe(error.code);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('says when to come back, in whole seconds and at least one, when it knows', async () => {
    const away = (retryAfterMs?: number) =>
      Object.assign(new CryoError('SERVER_UNAVAILABLE', 'away'), { retryAfterMs });
    expect(await failingWith(away(2_100))).toMatchObject({ status: 503, retryAfter: '3' });
    expect(await failingWith(away(40))).toMatchObject({ status: 503, retryAfter: '1' });
    expect(await failingWith(away())).toMatchObject({ status: 503, retryAfter: undefined });
  });

  it('keeps the internals of a mistake of ours to itself, and tells the operator', async () => {
    const mistake = new Error('SELECT secret FROM vault');
    const { status: answered, body, mistakes } = await failingWith(mistake);
    expect(answered).toBe(500);
    expect(mistakes).toEqual([mistake]);
    expect(body).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(JSON.stringify(body)).not.toContain('vault');
  });
});

describe('the file', () => {
  it('is filled once, keeps what was recorded, and forgets what a load left', async () => {
    const file = join(directory, 'twice.sqlite');
    const wire = new Wire(() => 0);
    const first = await openSqlite({ file }, wire);
    expect(first.origin).toBe('seeded');
    const record = (operator: string) =>
      first.database.write({ label: 'test' }, (session) => addExperiment(session, { ...EXPERIMENT, operator }, 'now'));
    const [kept, swept] = [await record('Ada'), await record(LOAD_OPERATOR)];
    await first.close();

    const second = await openSqlite({ file }, wire);
    expect(second.origin).toBe('found');
    const found = (id: number) => second.database.read({ label: 'test' }, (session) => experimentById(session, id));
    expect(await found(kept)).toMatchObject({ operator: 'Ada' });
    expect(await found(swept)).toBeUndefined();
    const count = await second.database.read({ label: 'test' }, (session) =>
      session.get('SELECT count(*) AS count FROM cryoprotectants'),
    );
    expect(count).toEqual({ count: COMPOUNDS.length });
    await second.close();
  });

  it('is left alone when it belongs to some other program', async () => {
    const file = join(directory, 'other.sqlite');
    const other = createSqlitePool({ file, inline: true });
    await other.use((connection) => connection.exec('CREATE TABLE notes (text TEXT)'));
    await other.close();
    await expect(openSqlite({ file }, new Wire(() => 0))).rejects.toThrow(ForeignDatabaseError);
  });
});
