/**
 * Owns the published recipes: which compounds, how much of each, for what, and where it was described.
 * It must never know the row numbers that a database gives them.
 */

/** How an amount is expressed. */
export const AMOUNT_UNITS = ['mol/L', '% w/v', '% v/v'] as const;

export type AmountUnit = (typeof AMOUNT_UNITS)[number];

export interface Ingredient {
  /** The name of a compound in the list of compounds. */
  readonly compound: string;
  readonly amount: number;
  readonly unit: AmountUnit;
  /** The grade that was used, where the recipe says so. */
  readonly grade: string | null;
}

export interface Mixture {
  readonly name: string;
  readonly purpose: string;
  /** Where the recipe was described; `null` for what every laboratory uses. */
  readonly source: string | null;
  readonly ingredients: readonly Ingredient[];
}

const molar = (amount: number, compound: string): Ingredient => ({ compound, amount, unit: 'mol/L', grade: null });
const weight = (amount: number, compound: string, grade: string | null = null): Ingredient => ({
  compound,
  amount,
  unit: '% w/v',
  grade,
});
const volume = (amount: number, compound: string): Ingredient => ({ compound, amount, unit: '% v/v', grade: null });

/** Every mixture the service knows on its first start. Carrier media and buffers are left out. */
export const MIXTURES: readonly Mixture[] = [
  {
    name: 'DMSO 10 %',
    purpose: 'Slow freezing of cultured cells',
    source: null,
    ingredients: [volume(10, 'Dimethyl sulfoxide')],
  },
  {
    name: 'Glycerol 15 %',
    purpose: 'Bacterial stocks',
    source: null,
    ingredients: [volume(15, 'Glycerol')],
  },
  {
    name: 'High glycerol 40 %',
    purpose: 'Red blood cells',
    source: 'Meryman and Hornblower, Transfusion 12, 145 (1972)',
    ingredients: [weight(40, 'Glycerol')],
  },
  {
    name: 'HES, DMSO and albumin',
    purpose: 'Bone marrow and blood stem cells',
    source: 'Stiff et al., Blood 70, 974 (1987)',
    ingredients: [volume(5, 'Dimethyl sulfoxide'), weight(6, 'Hydroxyethyl starch'), weight(4, 'Human serum albumin')],
  },
  {
    name: 'PROH and sucrose',
    purpose: 'Slow freezing of cleavage-stage embryos',
    source: 'Lassalle, Testart and Renard, Fertility and Sterility 44, 645 (1985)',
    ingredients: [molar(1.5, 'Propylene glycol'), molar(0.1, 'Sucrose')],
  },
  {
    name: 'Ethylene glycol 1.5 M',
    purpose: 'Direct transfer of bovine embryos',
    source: 'Voelkel and Hu, Theriogenology 37, 23 (1992)',
    ingredients: [molar(1.5, 'Ethylene glycol')],
  },
  {
    name: 'VS1',
    purpose: 'First vitrification of mouse embryos',
    source: 'Rall and Fahy, Nature 313, 573 (1985)',
    ingredients: [
      weight(20.5, 'Dimethyl sulfoxide'),
      weight(15.5, 'Acetamide'),
      weight(10, 'Propylene glycol'),
      weight(6, 'Polyethylene glycol', 'PEG 8000'),
    ],
  },
  {
    name: 'VS3a',
    purpose: 'Vitrification of mouse embryos',
    source: 'Rall and Wood, Journal of Reproduction and Fertility 101, 681 (1994)',
    ingredients: [molar(6.5, 'Glycerol'), weight(6, 'Bovine serum albumin')],
  },
  {
    name: 'VS14',
    purpose: 'Vitrification of mouse and sheep embryos',
    source: 'Ali and Shelton, Journal of Reproduction and Fertility 99, 471 (1993)',
    ingredients: [molar(5.5, 'Ethylene glycol'), molar(1, 'Sucrose')],
  },
  {
    name: 'DAP213',
    purpose: 'Rapid freezing of mouse embryos',
    source: null,
    ingredients: [molar(2, 'Dimethyl sulfoxide'), molar(1, 'Acetamide'), molar(3, 'Propylene glycol')],
  },
  {
    name: 'EFS40',
    purpose: 'Vitrification of mouse morulae',
    source: 'Kasai et al., Journal of Reproduction and Fertility 89, 91 (1990)',
    ingredients: [volume(40, 'Ethylene glycol'), weight(18, 'Ficoll', 'Ficoll 70'), molar(0.3, 'Sucrose')],
  },
  {
    name: 'EG and DMSO 15/15',
    purpose: 'Vitrification of oocytes and embryos in minimal volume',
    source: 'Kuwayama et al., Reproductive BioMedicine Online 11, 300 (2005)',
    ingredients: [volume(15, 'Ethylene glycol'), volume(15, 'Dimethyl sulfoxide'), molar(0.5, 'Sucrose')],
  },
  {
    name: 'PVS2',
    purpose: 'Plant shoot tips and cell cultures',
    source: 'Sakai, Kobayashi and Oiyama, Plant Cell Reports 9, 30 (1990)',
    ingredients: [
      weight(30, 'Glycerol'),
      weight(15, 'Ethylene glycol'),
      weight(15, 'Dimethyl sulfoxide'),
      molar(0.4, 'Sucrose'),
    ],
  },
  {
    name: 'PVS3',
    purpose: 'Plant shoot tips and cell cultures',
    source: 'Nishizawa et al., Plant Science 91, 67 (1993)',
    ingredients: [weight(50, 'Glycerol'), weight(50, 'Sucrose')],
  },
  {
    name: 'DP6',
    purpose: 'Vitrification of tissues',
    source: null,
    ingredients: [molar(3, 'Dimethyl sulfoxide'), molar(3, 'Propylene glycol')],
  },
  {
    name: 'VS55',
    purpose: 'Vitrification of blood vessels and cartilage',
    source: 'Song et al., Nature Biotechnology 18, 296 (2000)',
    ingredients: [molar(3.1, 'Dimethyl sulfoxide'), molar(3.1, 'Formamide'), molar(2.2, 'Propylene glycol')],
  },
  {
    name: 'M22',
    purpose: 'Vitrification of kidneys',
    source: 'Fahy et al., Cryobiology 48, 22 (2004)',
    ingredients: [
      weight(22.305, 'Dimethyl sulfoxide'),
      weight(12.858, 'Formamide'),
      weight(16.837, 'Ethylene glycol'),
      weight(3, 'N-Methylformamide'),
      weight(4, '3-Methoxy-1,2-propanediol'),
      weight(2.8, 'Polyvinylpyrrolidone', 'PVP K12'),
      weight(1, 'Polyvinyl alcohol', 'X-1000 ice blocker'),
      weight(2, 'Polyglycerol', 'Z-1000 ice blocker'),
    ],
  },
];
