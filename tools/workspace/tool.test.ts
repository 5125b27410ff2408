import { expect, test } from 'vitest';
import { collect, runTool } from './tool.ts';

const script = (text: string) => ['--input-type=module', '--eval', text];

test('a program is answered with its exit code and all that it printed', async () => {
  const text = "process.stdout.write('out\\n'); process.stderr.write('err\\n'); process.exitCode = 3;";
  const { exitCode, output } = await collect(process.execPath, script(text));
  expect(exitCode).toBe(3);
  expect(output.split('\n').toSorted()).toEqual(['err', 'out']);
});

test('a program that does not end in time is killed, and says so', async () => {
  const run = await collect(process.execPath, script('setInterval(() => {}, 1000);'), { limitMs: 300 });
  expect(run).toEqual({ exitCode: undefined, output: 'ended by SIGKILL' });
});

test('a program that does not exist is an answer, not an exception', async () => {
  const { exitCode, output } = await collect('no-such-program', []);
  expect(exitCode).toBeUndefined();
  expect(output).toContain('ENOENT');
});

test('variables are added to the environment and taken away', async () => {
  const environment = { CRYO_ADDED: 'yes', PATH: undefined };
  const { output } = await collect(process.execPath, script('console.log(process.env.CRYO_ADDED, process.env.PATH)'), {
    environment,
  });
  expect(output).toBe('yes undefined');
});

test('messages of the program arrive', async () => {
  const messages: unknown[] = [];
  await collect(process.execPath, script("process.send('hello')"), { onMessage: (message) => messages.push(message) });
  expect(messages).toEqual(['hello']);
});

test('a tool of the workspace is found wherever the caller stands', async () => {
  const { exitCode, output } = await runTool('tsc', ['--version'], { folder: '/' });
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^Version 7\./);
});
