/**
 * Owns the case of an open circuit that is saved and restored.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { FAILURES, openUp, place } from '../steps.ts';

const MINUTE_MS = 60_000;
const OPTIONS = { failures: FAILURES, openForMs: 30_000 };

export const restoredOpen = defectCase({
  name: 'restored-open',
  promise: 'A circuit saved as it opened is still open when it is restored at once',
  needs: 'savedBreaker',
  async run(make, world) {
    const before = make(OPTIONS);
    await world.advance(MINUTE_MS);
    await openUp(before, world);
    const after = make(OPTIONS, structuredClone(before.save()));
    await world.advance(1);
    expectThat(
      !(await place(after, world)).started,
      'the restored circuit let a call through, the open time hardly begun',
    );
  },
});
