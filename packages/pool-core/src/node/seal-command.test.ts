import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { newSealingKey, seal, unseal } from '../sealed.ts';
import { runSealCommand, type SealAnswer } from './seal-command.ts';

const key = newSealingKey();
const COMMAND = fileURLToPath(new URL('../../bin/cryo-seal.js', import.meta.url));

function run(
  words: string,
  value: string,
  env: Record<string, string> = { CRYO_SEALING_KEY: key },
): Promise<SealAnswer> {
  return runSealCommand({ words: words.split(' ').filter((word) => word !== ''), env, read: async () => value });
}

test('a value is sealed without the line break that ends its file', async () => {
  for (const value of ['hunter2', 'hunter2\n', 'hunter2\r\n']) {
    const { exitCode, output } = await run('', value);
    expect(exitCode).toBe(0);
    expect(await unseal(String(output), key)).toBe('hunter2');
  }
});

test('a key is drawn that seals', async () => {
  const { exitCode, output } = await run('--new-key', '', {});
  expect(exitCode).toBe(0);
  expect(await unseal(await seal('hunter2', String(output)), String(output))).toBe('hunter2');
});

test('a check says whether a value opens, and never shows it', async () => {
  const sealed = await seal('hunter2', key);
  expect(await run('--check', `${sealed}\n`)).toEqual({ exitCode: 0, note: 'It opens.' });
  expect(await run('--check --prefix DB', sealed, { DB_SEALING_KEY: key })).toMatchObject({ exitCode: 0 });
  const wrong = await run('--check', sealed, { CRYO_SEALING_KEY: newSealingKey() });
  expect(wrong).toMatchObject({ exitCode: 1, note: expect.stringContaining('no key opens') });
});

test.each([
  ['', 'hunter2', {}, 1, 'CRYO_SEALING_KEY is not set'],
  ['--prefix DB', 'hunter2', { CRYO_SEALING_KEY: key }, 1, 'DB_SEALING_KEY is not set'],
  ['', 'hunter2', { CRYO_SEALING_KEY: 'short' }, 1, 'not 32 bytes'],
  ['', '\n', { CRYO_SEALING_KEY: key }, 1, 'nothing to read'],
  ['', 'sealed:v1:abc', { CRYO_SEALING_KEY: key }, 1, 'sealed already'],
  ['--check', 'hunter2', { CRYO_SEALING_KEY: key }, 1, 'damaged'],
  ['hunter2', '', { CRYO_SEALING_KEY: key }, 2, 'never an argument'],
  ['--prefix', '', { CRYO_SEALING_KEY: key }, 2, '--prefix DB'],
  ['--help', '', {}, 0, '--new-key'],
])('told "%s" and given "%s" with %o it exits with %i and says why', async (words, value, env, exitCode, words_) => {
  const answer = await run(words, value, env as Record<string, string>);
  expect(answer).toMatchObject({ exitCode, note: expect.stringContaining(words_) });
  expect(answer.output).toBeUndefined();
  expect(answer.note).not.toContain('hunter2');
});

test('the command itself reads its input, prints the sealed value alone, and ends', async () => {
  const started = promisify(execFile)(process.execPath, [COMMAND], { env: { CRYO_SEALING_KEY: key } });
  started.child.stdin?.end('hunter2\n');
  const { stdout, stderr } = await started;
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^sealed:v1:\S+\n$/);
  expect(await unseal(stdout.trim(), key)).toBe('hunter2');
});
