/**
 * Owns the process of the command that seals: its arguments, its terminal and its exit code.
 * It must never know what sealing is.
 */
import { text } from 'node:stream/consumers';
import { runSealCommand } from './seal-command.ts';

const ENDS = new Set(['\r', '\n', '\u0004']);
const ERASES = new Set(['\u007f', '\b']);
const CTRL_C = '\u0003';

/** What somebody types, without showing it. */
function typed(): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write('Value, which is not shown: ');
  stdin.setRawMode(true).setEncoding('utf8').resume();
  let value = '';
  return new Promise((resolve) => {
    const end = () => {
      stdin.off('data', read).setRawMode(false).pause();
      stderr.write('\n');
      resolve(value);
    };
    const read = (keys: string) => {
      for (const key of keys) {
        if (key === CTRL_C) {
          value = '';
          return end();
        }
        if (ENDS.has(key)) return end();
        value = ERASES.has(key) ? value.slice(0, -1) : value + key;
      }
    };
    stdin.on('data', read);
  });
}

const { exitCode, output, note } = await runSealCommand({
  words: process.argv.slice(2),
  env: process.env,
  read: () => (process.stdin.isTTY ? typed() : text(process.stdin)),
});
if (output !== undefined) process.stdout.write(`${output}\n`);
if (note !== undefined) process.stderr.write(`${note}\n`);
process.exitCode = exitCode;
