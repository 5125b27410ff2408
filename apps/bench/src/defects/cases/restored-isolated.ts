/**
 * Owns the case of a circuit that was saved while somebody held it open by hand.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { place, QUICK } from '../steps.ts';

const DAY_MS = 86_400_000;

export const restoredIsolated = defectCase({
  name: 'restored-isolated',
  promise:
    'A circuit saved while held open by hand is not open for ever once restored, although the handle to release it is gone',
  needs: 'savedBreaker',
  alsoNeeds: 'canIsolate',
  async run(make, world) {
    const before = make(QUICK);
    before.isolate?.();
    const after = make(QUICK, structuredClone(before.save()));
    after.release?.();
    await world.advance(DAY_MS);
    expectThat((await place(after, world)).started, 'a day later every call is refused, and there is no way to let go');
  },
});
