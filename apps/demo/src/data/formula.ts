/**
 * Owns the arithmetic of chemical facts: the mass of a molecular formula and the check digit of a CAS number.
 * It must never know which compounds there are.
 */

/** Abridged standard atomic weights, in g/mol: IUPAC Commission on Isotopic Abundances and Atomic Weights, 2021. */
const ATOMIC_WEIGHTS: Readonly<Record<string, number>> = {
  H: 1.008,
  C: 12.011,
  N: 14.007,
  O: 15.999,
  S: 32.06,
};

/**
 * The molar mass of a plain molecular formula such as `C2H6OS`, in g/mol.
 *
 * @throws RangeError when the text is no such formula or names an element without a weight here.
 */
export function molarMassOf(formula: string): number {
  if (!/^([A-Z][a-z]?[0-9]*)+$/.test(formula)) throw new RangeError(`not a molecular formula: ${formula}`);
  let mass = 0;
  for (const [, element = '', count = ''] of formula.matchAll(/([A-Z][a-z]?)([0-9]*)/g)) {
    const weight = ATOMIC_WEIGHTS[element];
    if (weight === undefined) throw new RangeError(`no atomic weight for ${element} in ${formula}`);
    mass += weight * (count === '' ? 1 : Number(count));
  }
  return mass;
}

/**
 * Whether a CAS Registry Number is well formed: its last digit equals the sum of the others, each times its place
 * counted from the right, modulo 10.
 */
export function isCasNumber(cas: string): boolean {
  const parts = /^([1-9][0-9]{1,6})-([0-9]{2})-([0-9])$/.exec(cas);
  if (parts === null) return false;
  const digits = `${parts[1]}${parts[2]}`;
  let sum = 0;
  for (let place = 1; place <= digits.length; place++) sum += place * Number(digits[digits.length - place]);
  return sum % 10 === Number(parts[3]);
}
