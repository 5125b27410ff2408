/**
 * Owns the command that writes every generated part of the documents.
 * It must never know what any of them says.
 */
import { blocks } from './all.ts';
import { write } from './blocks.ts';

for (const block of await blocks()) write(block);
