/**
 * Owns one run over files of properties: vitest with the stand-in for fast-check, told how often and from which seed.
 * It must never know where the files came from; each answer is printed as soon as it is there.
 */
import { startVitest } from 'vitest/node';
import { standIn } from './plugin.ts';
import { PropertyReporter, type Summary } from './reporter.ts';
import type { Asked } from './tried.ts';

export interface PropertyRun {
  readonly folder: string;
  /** Paths below the folder. */
  readonly files: readonly string[];
  readonly asked: Asked;
  /** Words of the names of the tests to try; all without. */
  readonly test?: string | undefined;
}

/** Tries each property of the files, and every other test in them once. Never rejects because one is broken. */
export async function tryProperties({ folder, files, asked, test }: PropertyRun, print: Print): Promise<Summary> {
  const reporter = new PropertyReporter(print);
  const named = test === undefined ? {} : { testNamePattern: test };
  const told = { ...named, provide: { properties: asked }, reporters: [reporter], testTimeout: 0 };
  const options = { root: folder, run: true, watch: false, allowOnly: false, ...told };
  const vitest = await startVitest('test', [...files], options, { plugins: [standIn] });
  await vitest.close();
  return reporter.summary;
}

type Print = (line: string) => void;
