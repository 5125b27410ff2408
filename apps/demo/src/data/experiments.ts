/**
 * Owns a handful of worked examples of experiments, so that a fresh service has something to show.
 * It must never be read as literature: the figures are plausible and invented.
 */

export interface Reading {
  readonly hoursAfterThaw: number;
  readonly viabilityPercent: number;
}

export interface Experiment {
  /** The name of a mixture in the list of mixtures. */
  readonly mixture: string;
  readonly specimen: string;
  readonly coolingRateCelsiusPerMinute: number;
  readonly warmingRateCelsiusPerMinute: number;
  readonly storageTemperatureCelsius: number;
  readonly readings: readonly Reading[];
}

const readings = (...pairs: readonly (readonly [number, number])[]): Reading[] =>
  pairs.map(([hoursAfterThaw, viabilityPercent]) => ({ hoursAfterThaw, viabilityPercent }));

export const EXAMPLES: readonly Experiment[] = [
  {
    mixture: 'DMSO 10 %',
    specimen: 'HEK 293 cells',
    coolingRateCelsiusPerMinute: 1,
    warmingRateCelsiusPerMinute: 100,
    storageTemperatureCelsius: -196,
    readings: readings([0, 94], [24, 86]),
  },
  {
    mixture: 'Glycerol 15 %',
    specimen: 'Escherichia coli K-12',
    coolingRateCelsiusPerMinute: 5,
    warmingRateCelsiusPerMinute: 50,
    storageTemperatureCelsius: -80,
    readings: readings([0, 88]),
  },
  {
    mixture: 'High glycerol 40 %',
    specimen: 'Human red blood cells',
    coolingRateCelsiusPerMinute: 1,
    warmingRateCelsiusPerMinute: 40,
    storageTemperatureCelsius: -80,
    readings: readings([0, 97], [24, 95]),
  },
  {
    mixture: 'PROH and sucrose',
    specimen: 'Mouse embryo, 4-cell',
    coolingRateCelsiusPerMinute: 0.3,
    warmingRateCelsiusPerMinute: 300,
    storageTemperatureCelsius: -196,
    readings: readings([2, 79], [48, 71]),
  },
  {
    mixture: 'PVS2',
    specimen: 'Apple shoot tip',
    coolingRateCelsiusPerMinute: 300,
    warmingRateCelsiusPerMinute: 200,
    storageTemperatureCelsius: -196,
    readings: readings([72, 68], [336, 61]),
  },
  {
    mixture: 'VS55',
    specimen: 'Rabbit jugular vein ring',
    coolingRateCelsiusPerMinute: 43,
    warmingRateCelsiusPerMinute: 225,
    storageTemperatureCelsius: -130,
    readings: readings([1, 83]),
  },
];
