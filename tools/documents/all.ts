/**
 * Owns the list of generated parts.
 * It must never know how one is made.
 */
import type { Block } from './blocks.ts';
import { optionsTable } from './options-table.ts';
import { outageTimeline } from './outage-timeline.ts';
import { overloadTable } from './overload.ts';

/** All of them, made anew. */
export async function blocks(): Promise<readonly Block[]> {
  return [
    { document: 'packages/pool-core/README.md', name: 'options', text: optionsTable() },
    { document: 'packages/pool-core/guides/overload.md', name: 'overload', text: await overloadTable() },
    { document: 'packages/pool-core/guides/when-the-database-dies.md', name: 'timeline', text: await outageTimeline() },
  ];
}
