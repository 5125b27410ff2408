/**
 * Owns the list of the suites: for each what is compared, with which cases, and where the verdicts are kept.
 * It must never know what a case asserts.
 */
import type { Area } from '../peers/peers.ts';
import { CASES as RESILIENCE_CASES } from './cases.ts';
import type { DefectCase, Verdict } from './defect-case.ts';
import { LIBRARIES as RESILIENCE_LIBRARIES } from './libraries.ts';
import { CASES as POOL_CASES } from './pool/cases.ts';
import { LIBRARIES as POOL_LIBRARIES } from './pool/libraries.ts';
import type { World } from './world.ts';

export interface Suite {
  readonly document: URL;
  readonly cases: readonly Pick<DefectCase, 'name' | 'promise' | 'time'>[];
  readonly libraries: readonly string[];
  run(caseName: string, library: string, world: World): Promise<Verdict>;
}

const DOCUMENTS = new URL('../../../../docs/', import.meta.url);

export const SUITES: Readonly<Record<Area, Suite>> = {
  resilience: suite('DEFECTS.md', RESILIENCE_CASES, RESILIENCE_LIBRARIES),
  pool: suite('POOL-DEFECTS.md', POOL_CASES, POOL_LIBRARIES),
};

export function isSuiteName(name: string): name is Area {
  return Object.hasOwn(SUITES, name);
}

function suite<Library>(
  document: string,
  cases: readonly DefectCase<Library>[],
  libraries: Readonly<Record<string, () => Promise<Library>>>,
): Suite {
  return {
    document: new URL(document, DOCUMENTS),
    cases,
    libraries: Object.keys(libraries),
    async run(caseName, library, world) {
      const tested = cases.find(({ name }) => name === caseName);
      const load = libraries[library];
      if (tested === undefined || load === undefined)
        throw new RangeError(`No case '${caseName}' against '${library}'`);
      return await tested.run(await load(), world);
    },
  };
}
