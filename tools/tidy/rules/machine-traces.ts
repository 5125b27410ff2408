/**
 * Owns the traces of a machine: paths and hosts that exist only where somebody once worked.
 * It must never know what a file is for, apart from lockfiles, which may name the public registry only.
 */
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';

const RULE = 'machine-trace';
const HOME_FOLDERS = ['work', 'home', 'Users', 'root'];
const MACHINE_PATH = new RegExp(`(?<![\\w./}:-])/(?:${HOME_FOLDERS.join('|')})/[\\w.-]`);
const LOCAL_HOST = /\b(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?/;
const INSTALL_FILE = /(?:^|\/)(?:pnpm-lock\.yaml|package-lock\.json|\.npmrc|pnpm-workspace\.yaml)$/;

export function machineTraces({ tree }: Repository): readonly Fault[] {
  return [...tree].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const message = judge(path, line);
      return message === undefined ? [] : [{ path, line: index + 1, rule: RULE, message }];
    }),
  );
}

function judge(path: string, line: string): string | undefined {
  const found = MACHINE_PATH.exec(line)?.[0];
  if (found !== undefined) return `names the path '${found}…' of one machine; write it relative to the repository`;
  const host = INSTALL_FILE.test(path) ? LOCAL_HOST.exec(line)?.[0] : undefined;
  return host === undefined ? undefined : `installs from '${host}'; use the public registry`;
}
