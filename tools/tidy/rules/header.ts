/**
 * Owns the header: every source file opens with a block that says in two sentences what it owns and what it must never know.
 * It must never know whether the sentences are true.
 */
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';

const RULE = 'header';
const HEADER = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//;

export function headers(repository: Repository): readonly Fault[] {
  return repository.sources
    .filter(({ place }) => !place.isTest)
    .flatMap(({ path, text }) => {
      const message = judge(text);
      return message === undefined ? [] : [{ path, line: 1, rule: RULE, message }];
    });
}

function judge(text: string): string | undefined {
  const block = HEADER.exec(text)?.[1];
  if (block === undefined)
    return 'does not open with a /** … */ block; say what the file owns and what it must never know';
  if (sentencesIn(block) < 2)
    return 'has a header of less than two sentences; say what the file owns and what it must never know';
  return undefined;
}

/** Code spans and the full stops of abbreviations and file names end no sentence. */
function sentencesIn(block: string): number {
  const prose = block
    .replaceAll(/^\s*\*/gm, '')
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/\b(?:e\.g|i\.e|etc|vs)\./g, '');
  return prose.match(/[.!?](?=\s|$)/g)?.length ?? 0;
}
