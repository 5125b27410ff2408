/**
 * Owns the program that holds the write lock of a file: for as many ms as it is told, or until its input ends.
 * It must never know who waits for the lock.
 */
import Database from 'better-sqlite3';

const [file = '', holdMs] = process.argv.slice(2);
const handle = new Database(file);
handle.exec('BEGIN IMMEDIATE; INSERT INTO orders (item) VALUES (99)');
console.log('locked');

const release = () => {
  handle.exec('COMMIT');
  handle.close();
  process.exit();
};
if (holdMs !== undefined) setTimeout(release, Number(holdMs));
process.stdin.on('end', release).resume();
