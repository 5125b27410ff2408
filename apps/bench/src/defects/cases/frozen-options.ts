/**
 * Owns the case of options that the caller has frozen.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { QUICK } from '../steps.ts';

export const frozenOptions = defectCase({
  name: 'frozen-options',
  promise: 'The options of the caller are read and not written',
  needs: 'breaker',
  async run(make) {
    let fault: unknown;
    try {
      make({ ...QUICK, prepare: Object.freeze });
    } catch (error) {
      fault = error;
    }
    expectThat(fault === undefined, `with frozen options it throws: ${fault instanceof Error ? fault.message : fault}`);
  },
});
