import { describe, expect, it } from 'vitest';
import { COMPOUND_KINDS, COMPOUNDS } from './compounds.ts';
import { EXAMPLES } from './experiments.ts';
import { isCasNumber, molarMassOf } from './formula.ts';
import { MIXTURES } from './mixtures.ts';

describe('the compounds', () => {
  it('are at least forty with a definite formula and a molar mass', () => {
    expect(COMPOUNDS.filter((compound) => compound.molarMass !== null).length).toBeGreaterThanOrEqual(40);
  });

  it.each(COMPOUNDS.map((compound) => [compound.name, compound.cas]))(
    '%s has a CAS number that checks: %s',
    (_, cas) => {
      expect(isCasNumber(cas)).toBe(true);
    },
  );

  it.each(
    COMPOUNDS.flatMap(({ name, formula, molarMass }) =>
      molarMass === null ? [] : [[name, formula, molarMass] as const],
    ),
  )('%s weighs what its formula %s says: %f g/mol', (_, formula, molarMass) => {
    expect(Math.abs(molarMassOf(formula ?? '') - molarMass)).toBeLessThanOrEqual(0.01);
  });

  it('name a repeat unit or nothing where they have no molar mass', () => {
    for (const { formula, molarMass, kind } of COMPOUNDS) {
      if (molarMass !== null) continue;
      expect(['polymer', 'protein']).toContain(kind);
      expect(formula ?? '(CH2)n').toMatch(/^\([A-Za-z0-9]+\)n$/);
    }
  });

  it('differ in name and in CAS number, and every kind has one', () => {
    expect(new Set(COMPOUNDS.map(({ name }) => name)).size).toBe(COMPOUNDS.length);
    expect(new Set(COMPOUNDS.map(({ cas }) => cas)).size).toBe(COMPOUNDS.length);
    expect(new Set(COMPOUNDS.map(({ kind }) => kind))).toEqual(new Set(COMPOUND_KINDS));
  });
});

describe('the mixtures', () => {
  const names = new Set(COMPOUNDS.map(({ name }) => name));

  it.each(MIXTURES.map((mixture) => [mixture.name, mixture]))(
    '%s is made of known compounds, each once',
    (_, mixture) => {
      const compounds = mixture.ingredients.map(({ compound }) => compound);
      expect(compounds.filter((name) => !names.has(name))).toEqual([]);
      expect(new Set(compounds).size).toBe(compounds.length);
    },
  );

  it('stay within what fits in a solution', () => {
    for (const { name, ingredients } of MIXTURES) {
      const percent = ingredients.filter(({ unit }) => unit !== 'mol/L').reduce((sum, { amount }) => sum + amount, 0);
      expect(percent, name).toBeLessThanOrEqual(100);
    }
  });

  it('are what the example experiments use', () => {
    const known = new Set(MIXTURES.map(({ name }) => name));
    expect(EXAMPLES.filter(({ mixture }) => !known.has(mixture))).toEqual([]);
  });
});

describe('the arithmetic', () => {
  it('weighs water and refuses what is no formula', () => {
    expect(molarMassOf('H2O')).toBeCloseTo(18.015, 3);
    expect(() => molarMassOf('(C2H4O)n')).toThrow(RangeError);
    expect(() => molarMassOf('XeF6')).toThrow('no atomic weight for Xe');
  });

  it('tells a CAS number from one with a wrong check digit', () => {
    expect(isCasNumber('7732-18-5')).toBe(true);
    expect(isCasNumber('7732-18-4')).toBe(false);
    expect(isCasNumber('67685')).toBe(false);
  });
});
