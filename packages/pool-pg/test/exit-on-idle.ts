/**
 * Owns a process that uses a drop-in once and then has nothing more to do.
 * It must never end itself.
 */
import { Pool } from '../src/pg-compatible.ts';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, allowExitOnIdle: true, idleTimeoutMillis: 0 });
await pool.query('SELECT 1');
