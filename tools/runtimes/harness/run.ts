/**
 * Owns the run of one case in a process of its own: it says that the end was reached, and after how many assertions.
 * It must never know the runtime it runs on.
 */
import { assertionsMade } from './assert.ts';

await import(`../cases/${process.argv[2]}.js`);
console.log(`reached the end after ${assertionsMade()} assertions`);
