import { expect, test } from 'vitest';
import type { Subject } from '../../pool/subject.ts';
import { bare } from '../../pool/subjects/bare.ts';
import { expectThat } from '../defect-case.ts';
import { VirtualWorld } from '../world.ts';
import { poolCase } from './pool-case.ts';

const described = { name: 'case', promise: 'It works' };

test('a pool without what the promise is about is not judged, and the table says what it is', async () => {
  const tested = poolCase({ ...described, needs: ['canAbort'], run: async () => expectThat(false, 'it ran') });
  expect(await tested.run(bare, new VirtualWorld())).toEqual({ kind: 'absent', why: 'an acquire cannot be aborted' });
});

test('a promise that is broken is told with what happened instead, one that is kept is not', async () => {
  const broken = poolCase({ ...described, run: async () => expectThat(false, 'it lent two') });
  const kept = poolCase({ ...described, run: async () => expectThat(true, 'it lent two') });
  expect(await broken.run(bare, new VirtualWorld())).toEqual({ kind: 'breaks', how: 'it lent two' });
  expect(await kept.run(bare, new VirtualWorld())).toEqual({ kind: 'holds' });
});

test('an acquire that throws instead of answering is refused and noted as thrown', async () => {
  const fault = new Error('no promise');
  const start: Subject['start'] = (plan) => ({
    ...bare.start(plan),
    acquire() {
      throw fault;
    },
  });
  const tested = poolCase({
    ...described,
    async run(stage) {
      const asked = stage.ask(stage.start({ max: 1 }));
      await stage.settle();
      expect([asked.isRefused, asked.thrown]).toEqual([true, fault]);
    },
  });
  expect(await tested.run({ name: 'thrower', start }, new VirtualWorld())).toEqual({ kind: 'holds' });
});

test('the server of a stage counts dials, the most of them at once, and what stands open', async () => {
  const tested = poolCase({
    ...described,
    async run({ server }) {
      const answers: (() => void)[] = [];
      server.answerDial = () => new Promise((answer) => answers.push(answer));
      const connections = [{ id: 1 }, { id: 2 }].map((connection) => ({ ...connection, broken: undefined }));
      const dialed = connections.map((connection) => server.open(connection));
      for (const answer of answers) answer();
      await Promise.all(dialed);
      await server.close(connections[0] as (typeof connections)[0]);
      expect([server.dials, server.dialPeak, server.dialing, server.standing]).toEqual([2, 2, 0, 1]);
    },
  });
  expect(await tested.run(bare, new VirtualWorld())).toEqual({ kind: 'holds' });
});
