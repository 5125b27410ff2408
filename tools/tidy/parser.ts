/**
 * Owns the compiler's own parser, run over texts in memory: one parser process for as long as this process lives.
 * It must never know the rules, nor read a file; the programming interface of the compiler is still called unstable.
 */
import type { SourceFile } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

const ROOT = '/tidy';
const texts = new Map<string, string>();
let parser: API | undefined;
let projects = 0;

/** Parses every text, each known by its path. Faulty syntax is parsed as far as it goes. */
export function parseAll(files: ReadonlyMap<string, string>): ReadonlyMap<string, SourceFile> {
  if (files.size === 0) return new Map();
  parser ??= new API({ cwd: ROOT, fs: inMemory });
  projects += 1;
  const folder = `${ROOT}/${projects}`;
  const configuration = {
    compilerOptions: { noLib: true, noResolve: true, noEmit: true, types: [] },
    files: [...files.keys()],
  };
  texts.set(`${folder}/tsconfig.json`, JSON.stringify(configuration));
  for (const [path, text] of files) texts.set(`${folder}/${path}`, text);
  const snapshot = parser.updateSnapshot({ openProjects: [`${folder}/tsconfig.json`] });
  const program = snapshot.getProject(`${folder}/tsconfig.json`)?.program;
  const parsed = new Map<string, SourceFile>();
  for (const path of files.keys()) {
    const syntax = program?.getSourceFile(`${folder}/${path}`);
    if (syntax === undefined) throw new Error(`The compiler did not parse ${path}`);
    parsed.set(path, syntax);
  }
  snapshot.dispose();
  return parsed;
}

/** The parser sees the texts in memory and nothing of the real disk. */
const inMemory = {
  readFile: (path: string): string | null => texts.get(path) ?? null,
  fileExists: (path: string): boolean => texts.has(path),
  directoryExists: (path: string): boolean => [...texts.keys()].some((text) => text.startsWith(`${path}/`)),
  getAccessibleEntries: () => ({ files: [], directories: [] }),
  realpath: (path: string): string => path,
};
