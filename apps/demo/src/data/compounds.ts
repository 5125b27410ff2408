/**
 * Owns the facts about cryoprotective compounds: name, formula, molar mass, CAS number and kind.
 * It must never know how they are stored or asked for.
 */

/** The chemical families by which compounds are browsed. */
export const COMPOUND_KINDS = [
  'alcohol',
  'diol',
  'polyol',
  'sugar',
  'amide',
  'sulfoxide',
  'amino acid',
  'osmolyte',
  'polymer',
  'protein',
] as const;

export type CompoundKind = (typeof COMPOUND_KINDS)[number];

/**
 * One compound. `formula` is in Hill order; a polymer's is that of its repeat unit, written `(C2H4O)n`, and is `null`
 * where no single unit describes it. `molarMass` is in g/mol, from the standard atomic weights; it is `null` for polymers
 * and proteins, whose chains have no one mass.
 */
export interface Compound {
  readonly name: string;
  readonly alsoKnownAs: string;
  readonly formula: string | null;
  readonly molarMass: number | null;
  readonly cas: string;
  readonly kind: CompoundKind;
}

const compound = (
  kind: CompoundKind,
  name: string,
  formula: string | null,
  molarMass: number | null,
  cas: string,
  alsoKnownAs = '',
): Compound => ({ kind, name, formula, molarMass, cas, alsoKnownAs });

/** Every compound the service knows on its first start. */
export const COMPOUNDS: readonly Compound[] = [
  compound('sulfoxide', 'Dimethyl sulfoxide', 'C2H6OS', 78.13, '67-68-5', 'DMSO, Me2SO'),

  compound('alcohol', 'Methanol', 'CH4O', 32.04, '67-56-1', 'MeOH'),
  compound('alcohol', 'Ethanol', 'C2H6O', 46.07, '64-17-5', 'EtOH'),

  compound('diol', 'Ethylene glycol', 'C2H6O2', 62.07, '107-21-1', 'EG, 1,2-ethanediol'),
  compound('diol', 'Propylene glycol', 'C3H8O2', 76.09, '57-55-6', 'PG, PROH, 1,2-propanediol'),
  compound('diol', '1,3-Propanediol', 'C3H8O2', 76.09, '504-63-2', 'Trimethylene glycol'),
  compound('diol', '1,3-Butanediol', 'C4H10O2', 90.12, '107-88-0', '1,3-butylene glycol'),
  compound('diol', '1,4-Butanediol', 'C4H10O2', 90.12, '110-63-4', 'Tetramethylene glycol'),
  compound('diol', '2,3-Butanediol', 'C4H10O2', 90.12, '513-85-9', '2,3-butylene glycol'),
  compound('diol', '2-Methyl-2,4-pentanediol', 'C6H14O2', 118.17, '107-41-5', 'MPD, hexylene glycol'),
  compound('diol', '3-Methoxy-1,2-propanediol', 'C4H10O3', 106.12, '623-39-2', 'Glycerol 1-methyl ether'),
  compound('diol', 'Diethylene glycol', 'C4H10O3', 106.12, '111-46-6', 'DEG'),
  compound('diol', 'Triethylene glycol', 'C6H14O4', 150.17, '112-27-6', 'TEG'),

  compound('polyol', 'Glycerol', 'C3H8O3', 92.09, '56-81-5', 'Glycerin, 1,2,3-propanetriol'),
  compound('polyol', 'Erythritol', 'C4H10O4', 122.12, '149-32-6', 'meso-Erythritol'),
  compound('polyol', 'Ribitol', 'C5H12O5', 152.15, '488-81-3', 'Adonitol'),
  compound('polyol', 'Xylitol', 'C5H12O5', 152.15, '87-99-0'),
  compound('polyol', 'D-Mannitol', 'C6H14O6', 182.17, '69-65-8'),
  compound('polyol', 'D-Sorbitol', 'C6H14O6', 182.17, '50-70-4', 'Glucitol'),
  compound('polyol', 'Galactitol', 'C6H14O6', 182.17, '608-66-2', 'Dulcitol'),
  compound('polyol', 'myo-Inositol', 'C6H12O6', 180.16, '87-89-8', 'Inositol'),

  compound('sugar', 'D-Ribose', 'C5H10O5', 150.13, '50-69-1'),
  compound('sugar', 'D-Xylose', 'C5H10O5', 150.13, '58-86-6'),
  compound('sugar', 'D-Glucose', 'C6H12O6', 180.16, '50-99-7', 'Dextrose'),
  compound('sugar', 'D-Fructose', 'C6H12O6', 180.16, '57-48-7', 'Levulose'),
  compound('sugar', 'D-Galactose', 'C6H12O6', 180.16, '59-23-4'),
  compound('sugar', 'D-Mannose', 'C6H12O6', 180.16, '3458-28-4'),
  compound('sugar', '3-O-Methyl-D-glucose', 'C7H14O6', 194.18, '146-72-5', '3-OMG'),
  compound('sugar', 'Sucrose', 'C12H22O11', 342.3, '57-50-1', 'Saccharose'),
  compound('sugar', 'Trehalose', 'C12H22O11', 342.3, '99-20-7', 'alpha,alpha-Trehalose, anhydrous'),
  compound('sugar', 'Trehalose dihydrate', 'C12H26O13', 378.33, '6138-23-4', 'alpha,alpha-Trehalose dihydrate'),
  compound('sugar', 'Lactose', 'C12H22O11', 342.3, '63-42-3', 'Milk sugar'),
  compound('sugar', 'Maltose', 'C12H22O11', 342.3, '69-79-4', 'Malt sugar'),
  compound('sugar', 'Raffinose', 'C18H32O16', 504.44, '512-69-6', 'Melitose, anhydrous'),
  compound('sugar', 'Melezitose', 'C18H32O16', 504.44, '597-12-6'),
  compound('sugar', 'Stachyose', 'C24H42O21', 666.58, '470-55-3'),

  compound('amide', 'Formamide', 'CH3NO', 45.04, '75-12-7', 'Methanamide'),
  compound('amide', 'N-Methylformamide', 'C2H5NO', 59.07, '123-39-7', 'NMF'),
  compound('amide', 'N,N-Dimethylformamide', 'C3H7NO', 73.1, '68-12-2', 'DMF'),
  compound('amide', 'Acetamide', 'C2H5NO', 59.07, '60-35-5', 'Ethanamide'),
  compound('amide', 'N-Methylacetamide', 'C3H7NO', 73.1, '79-16-3', 'NMA'),
  compound('amide', 'N,N-Dimethylacetamide', 'C4H9NO', 87.12, '127-19-5', 'DMA, DMAc'),
  compound('amide', 'Urea', 'CH4N2O', 60.06, '57-13-6', 'Carbamide'),

  compound('amino acid', 'Glycine', 'C2H5NO2', 75.07, '56-40-6'),
  compound('amino acid', 'L-Alanine', 'C3H7NO2', 89.09, '56-41-7'),
  compound('amino acid', 'L-Serine', 'C3H7NO3', 105.09, '56-45-1'),
  compound('amino acid', 'L-Proline', 'C5H9NO2', 115.13, '147-85-3'),
  compound('amino acid', 'L-Glutamine', 'C5H10N2O3', 146.15, '56-85-9'),
  compound('amino acid', 'L-Glutamic acid', 'C5H9NO4', 147.13, '56-86-0'),
  compound('amino acid', 'L-Lysine', 'C6H14N2O2', 146.19, '56-87-1'),
  compound('amino acid', 'L-Arginine', 'C6H14N4O2', 174.2, '74-79-3'),

  compound('osmolyte', 'Glycine betaine', 'C5H11NO2', 117.15, '107-43-7', 'Betaine, trimethylglycine'),
  compound('osmolyte', 'Trimethylamine N-oxide', 'C3H9NO', 75.11, '1184-78-7', 'TMAO'),
  compound('osmolyte', 'Taurine', 'C2H7NO3S', 125.14, '107-35-7', '2-Aminoethanesulfonic acid'),
  compound('osmolyte', 'Ectoine', 'C6H10N2O2', 142.16, '96702-03-3'),
  compound('osmolyte', 'Hydroxyectoine', 'C6H10N2O3', 158.16, '165542-15-4', '5-Hydroxyectoine'),
  compound('osmolyte', 'L-Carnitine', 'C7H15NO3', 161.2, '541-15-1'),

  compound('polymer', 'Polyethylene glycol', '(C2H4O)n', null, '25322-68-3', 'PEG'),
  compound('polymer', 'Polyvinylpyrrolidone', '(C6H9NO)n', null, '9003-39-8', 'PVP, povidone'),
  compound('polymer', 'Polyvinyl alcohol', '(C2H4O)n', null, '9002-89-5', 'PVA'),
  compound('polymer', 'Polyglycerol', '(C3H6O2)n', null, '25618-55-7', 'PGL'),
  compound('polymer', 'Dextran', '(C6H10O5)n', null, '9004-54-0'),
  compound('polymer', 'Hydroxyethyl starch', null, null, '9005-27-0', 'HES, hetastarch'),
  compound('polymer', 'Ficoll', null, null, '26873-85-8', 'Sucrose-epichlorohydrin copolymer, Ficoll 70'),

  compound('protein', 'Bovine serum albumin', null, null, '9048-46-8', 'BSA'),
  compound('protein', 'Human serum albumin', null, null, '70024-90-7', 'HSA'),
];
