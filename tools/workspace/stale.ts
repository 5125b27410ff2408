/**
 * Owns the removal of what was compiled once and has no source any more: the compiler leaves it behind, and it would be published.
 * It must never touch a file that the compiler did not write.
 */
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const COMPILED = /^(.+?)\/dist\/(.+?)\.(?:d\.ts|js)(?:\.map)?$/;

/** Removes it from every package below the root; answers the paths, from there. */
export function removeStale(root: string): readonly string[] {
  const compiled = globSync('packages/*/dist/**/*.{js,ts,map}', { cwd: root }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  const stale = compiled.filter((path) => {
    const [, home = '', stem = ''] = COMPILED.exec(path) ?? [];
    return stem !== '' && !existsSync(join(root, home, 'src', `${stem}.ts`));
  });
  for (const path of stale) rmSync(join(root, path), { force: true });
  return stale;
}
