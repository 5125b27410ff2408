/**
 * Owns what the callers of the load ask for: mostly reading, now and then a new experiment.
 * It must never know when a request is sent, nor how it was answered.
 */
import type { SeededRandom } from '@cryo/resilience/testing';
import { COMPOUND_KINDS, COMPOUNDS } from '../data/compounds.ts';
import { EXAMPLES } from '../data/experiments.ts';
import { MIXTURES } from '../data/mixtures.ts';
import { LOAD_OPERATOR, type NewExperiment } from '../data/record.ts';

/** One request, ready to be sent. `body` is JSON. */
export interface Inquiry {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** The share of requests that write. */
const WRITE_SHARE = 0.03;

const WORDS = ['glycol', 'ose', 'DMSO', 'C6H12O6', 'ethyl', 'ol', 'amide', '67-68-5'];

/** Draws the next request. The numbers it asks for are those of the first filling: they exist. */
export function drawInquiry(random: SeededRandom): Inquiry {
  if (random.chance(WRITE_SHARE))
    return { method: 'POST', path: '/api/experiments', body: JSON.stringify(experiment(random)) };
  return { method: 'GET', path: random.pick(READS)(random) };
}

/** Each stands for one in ten of the reads. */
const READS: readonly ((random: SeededRandom) => string)[] = [
  (random) => `/api/cryoprotectants?page=${random.integer(1, 4)}`,
  (random) => `/api/cryoprotectants?kind=${encodeURIComponent(random.pick(COMPOUND_KINDS))}`,
  (random) => `/api/cryoprotectants?q=${random.pick(WORDS)}`,
  (random) => `/api/cryoprotectants?q=${random.pick(WORDS)}&pageSize=5`,
  ...Array.from(
    { length: 4 },
    () => (random: SeededRandom) => `/api/cryoprotectants/${random.integer(1, COMPOUNDS.length)}`,
  ),
  (random) => `/api/mixtures/${random.integer(1, MIXTURES.length)}`,
  (random) => `/api/experiments/${random.integer(1, EXAMPLES.length)}`,
];

function experiment(random: SeededRandom): NewExperiment {
  return {
    mixtureId: random.integer(1, MIXTURES.length),
    specimen: random.pick(EXAMPLES).specimen,
    coolingRateCelsiusPerMinute: random.integer(1, 300),
    warmingRateCelsiusPerMinute: random.integer(50, 500),
    storageTemperatureCelsius: random.pick([-80, -130, -196]),
    operator: LOAD_OPERATOR,
    readings: [0, 24].map((hoursAfterThaw) => ({ hoursAfterThaw, viabilityPercent: random.integer(40, 99) })),
  };
}
