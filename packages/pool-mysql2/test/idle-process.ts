/**
 * Owns the program that uses a pool once and forgets it: 'pool' is ours, 'compatible' the drop-in. It prints 'used'.
 * It must never end by itself.
 */
import { createPoolPromise } from '../src/mysql2-compatible.ts';
import { createMysqlPool } from '../src/mysql2-pool.ts';

const [kind, uri = ''] = process.argv.slice(2);
if (kind === 'pool') await createMysqlPool({ connection: uri }).query('SELECT 1');
else await createPoolPromise({ uri }).query('SELECT 1');
console.log('used');
