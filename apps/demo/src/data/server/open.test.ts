import { startMariadb, startPostgres, type TestServer } from '@cryo/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poolSettings } from '../../cli/settings.ts';
import { Wire } from '../../wire/wire.ts';
import { COMPOUNDS } from '../compounds.ts';
import { ForeignDatabaseError, UnusableDatabaseError, type Work } from '../database.ts';
import { openDatabase } from '../open.ts';
import { allMixtures, compoundById, experimentById, findCompounds, mixtureById } from '../queries.ts';
import { addExperiment, LOAD_OPERATOR } from '../record.ts';

const ERRAND = { label: 'test' };

const EXPERIMENT = {
  mixtureId: 1,
  specimen: "Ada's HeLa cells",
  coolingRateCelsiusPerMinute: 0.5,
  warmingRateCelsiusPerMinute: 100,
  storageTemperatureCelsius: -196,
  readings: [{ hoursAfterThaw: 0.25, viabilityPercent: 91.5 }],
};

describe.each([
  ['postgres', startPostgres],
  ['mysql', startMariadb],
] as const)('the database on %s', (database, start) => {
  let server: TestServer;
  const open = (url = server.url) =>
    openDatabase(
      { database, url, file: '', chaos: undefined, settings: poolSettings({}, { 'connection-timeout': '2' }) },
      new Wire(() => 0),
    );

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.remove());

  it('answers as SQLite does, and keeps what was recorded but what a load left', async () => {
    const first = await open();
    expect([first.origin, first.place.includes(server.password)]).toEqual(['seeded', false]);
    const record = (operator: string) =>
      first.database.write(ERRAND, (session) => addExperiment(session, { ...EXPERIMENT, operator }, 'now'));
    const [kept, swept] = [await record('Ada'), await record(LOAD_OPERATOR)];
    await first.close();

    const second = await open();
    expect(second.origin).toBe('found');
    const read = <Result>(work: Work<Result>) => second.database.read(ERRAND, work);
    expect(await read((session) => experimentById(session, kept))).toMatchObject({
      ...EXPERIMENT,
      id: kept,
      mixture: 'DMSO 10 %',
      recordedAt: 'now',
    });
    expect(await read((session) => experimentById(session, swept))).toBeUndefined();
    const found = await read((session) => findCompounds(session, { q: 'GLYCOL', kind: 'diol', page: 1, pageSize: 2 }));
    expect(found.total).toBeGreaterThan(2);
    expect(found.items).toHaveLength(2);
    expect((await read((session) => findCompounds(session, { page: 1, pageSize: 5 }))).total).toBe(COMPOUNDS.length);
    expect((await read((session) => findCompounds(session, { q: '%', page: 1, pageSize: 5 }))).total).toBe(0);
    expect(await read((session) => compoundById(session, 1))).toMatchObject({ molarMass: 78.13, cas: '67-68-5' });
    expect((await read(allMixtures)).items[0]).toMatchObject({ name: 'DMSO 10 %', ingredients: 1 });
    expect(await read((session) => mixtureById(session, 1))).toMatchObject({
      ingredients: [{ cryoprotectantId: 1, amount: 10, unit: '% v/v', grade: null }],
    });
    await second.close();
  });

  it('rolls back what fails in the middle', async () => {
    const opened = await open();
    const count = () =>
      opened.database.read(ERRAND, (session) => session.get('SELECT count(*) AS count FROM experiments'));
    const before = await count();
    const failing = opened.database.write(ERRAND, async (session) => {
      await addExperiment(session, { ...EXPERIMENT, operator: 'Ada' }, 'now');
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    expect(await count()).toEqual(before);
    await opened.close();
  });

  it('is left alone when another version of it, or some other program, made its tables', async () => {
    const opened = await open();
    await opened.database.write(ERRAND, (session) => session.run('UPDATE cryoprotect SET version = 99'));
    await expect(open()).rejects.toThrow('holds version 99 of the data, expected 1');
    await opened.database.write(ERRAND, (session) => session.run('DROP TABLE cryoprotect'));
    await expect(open()).rejects.toThrow(ForeignDatabaseError);
    await opened.close();
  });

  it('that refuses the password is told at once, and the password is not', async () => {
    const url = server.url.replace(server.password, 'hush');
    const failure = await open(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnusableDatabaseError);
    expect(String(failure)).not.toContain('hush');
  });
});
