/**
 * Owns the question whether everything that is exported, depended on or kept in a file is used; knip answers it.
 * It must never know the rules of its own; what knip looks at stands in `knip.json`.
 */
import { runTool } from '../workspace/tool.ts';
import type { Fault } from './fault.ts';

const RULE = 'unused';
const MESSAGES: Readonly<Record<string, string>> = {
  binaries: 'is run by a script but not installed; add it to devDependencies',
  dependencies: 'is a dependency that nothing imports; remove it',
  devDependencies: 'is a devDependency that nothing uses; remove it',
  optionalPeerDependencies: 'is an optional peer that is imported; make it a dependency',
  duplicates: 'is exported twice; keep one name',
  enumMembers: 'is a member that nobody reads; remove it',
  exports: 'is exported and used by nobody; remove the export or the thing',
  types: 'is an exported type and used by nobody; remove the export or the type',
  files: 'is imported by nothing; remove the file',
  unlisted: 'is imported but not in package.json; add it there',
  unresolved: 'is imported but does not exist; mend the path',
};

interface Finding {
  readonly name: string;
  readonly line?: number;
}

interface Report {
  readonly issues: readonly (Readonly<Record<string, readonly (Finding | readonly Finding[])[]>> & {
    readonly file: string;
  })[];
}

/** Runs knip over the whole workspace. A run that answers nothing readable is a fault of its own. */
export async function deadExports(): Promise<readonly Fault[]> {
  const { output } = await runTool('knip', ['--no-progress', '--no-config-hints', '--reporter', 'json']);
  return readReport(output);
}

/** The faults in what knip printed in its JSON form. */
export function readReport(output: string): readonly Fault[] {
  let report: Report;
  try {
    report = JSON.parse(output);
  } catch {
    return [{ path: 'knip.json', line: 1, rule: RULE, message: `knip did not answer: ${output}` }];
  }
  return report.issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([kind, findings]) => findings.flatMap((finding) => toFaults(file, kind, finding))),
  );
}

function toFaults(path: string, kind: string, finding: Finding | readonly Finding[]): readonly Fault[] {
  if ('name' in finding) {
    const message = `'${finding.name}' ${MESSAGES[kind] ?? `is reported by knip as one of its ${kind}`}`;
    return [{ path, line: finding.line ?? 1, rule: RULE, message }];
  }
  return finding.flatMap((one) => toFaults(path, kind, one));
}
