/**
 * Owns the links of the documents: each leads to a file, a folder or a heading that exists, and a package links to nothing of its
 * own that it does not publish. It must never know what a document says, nor look beyond this repository.
 */
import { dirname, matchesGlob, posix } from 'node:path';
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';
import type { Tree } from '../tree.ts';

const RULE = 'link';
const LINK = /\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)/g;
const FENCE = /^\s*(`{3,}|~{3,})/;
const HEADING = /^#{1,6} +(.+?)(?: +#+)?$/;
const ELSEWHERE = /^[a-z]+:/i;

interface Link {
  readonly target: string;
  readonly line: number;
}

export function links({ tree }: Repository): readonly Fault[] {
  return [...tree.keys()]
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      linksOf(tree.get(path) ?? '').flatMap(({ target, line }) => {
        const message = judge(tree, path, target);
        return message === undefined ? [] : [{ path, line, rule: RULE, message: `'${target}' ${message}` }];
      }),
    );
}

function judge(tree: Tree, from: string, target: string): string | undefined {
  if (ELSEWHERE.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : posix.join(dirname(from), decodeURIComponent(file)).replace(/\/$/, '');
  if (path.startsWith('..')) return 'leads out of the repository';
  if (!exists(tree, path)) return 'leads to nothing; name a file or a folder that is there';
  if (anchor !== undefined && !anchorsOf(tree.get(path) ?? '').has(anchor))
    return `names no heading of ${path}; write it in lower case, with a hyphen for each space and no other sign`;
  return isKeptBack(tree, from, path)
    ? 'is not published with its package; add it to files, or do not link to it'
    : undefined;
}

function exists(tree: Tree, path: string): boolean {
  return path === '.' || tree.has(path) || [...tree.keys()].some((one) => one.startsWith(`${path}/`));
}

/** Whether both ends are in one package, and the far one stays behind when it is published. */
function isKeptBack(tree: Tree, from: string, path: string): boolean {
  const home = /^packages\/[^/]+\//.exec(from)?.[0];
  if (home === undefined || !path.startsWith(home)) return false;
  const { files = [] }: { files?: readonly string[] } = JSON.parse(tree.get(`${home}package.json`) ?? '{}');
  const inside = path.slice(home.length);
  const isNamed = (entry: string): boolean => inside === entry || inside.startsWith(`${entry}/`);
  const isTakenBack = (entry: string): boolean => entry.startsWith('!') && matchesGlob(inside, entry.slice(1));
  return !files.some(isNamed) || files.some(isTakenBack);
}

function linksOf(text: string): readonly Link[] {
  return proseOf(text).flatMap(({ prose, line }) =>
    [...prose.replaceAll(/`[^`]*`/g, 'code').matchAll(LINK)].map(([, inline, listed]) => ({
      target: inline ?? listed ?? '',
      line,
    })),
  );
}

/** The anchors of a page as they are made everywhere: from each heading, numbered from the second of the same text on. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const { prose } of proseOf(text)) {
    const heading = HEADING.exec(prose)?.[1];
    if (heading === undefined) continue;
    const anchor = slugOf(heading);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}

function slugOf(heading: string): string {
  const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return shown
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** The lines of a page that stand in no block of code. */
function proseOf(text: string): readonly { readonly prose: string; readonly line: number }[] {
  let fence: string | undefined;
  return text.split('\n').flatMap((prose, index) => {
    const mark = FENCE.exec(prose)?.[1];
    if (fence === undefined && mark === undefined) return [{ prose, line: index + 1 }];
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
    return [];
  });
}
