import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { startProgress } from './progress.ts';

function terminal(isTTY: boolean): { readonly stream: WriteStream; readonly written: () => string } {
  const stream = new PassThrough();
  const shown = Object.assign(Object.create(WriteStream.prototype), {
    isTTY,
    write: (text: string) => stream.write(text),
  });
  return { stream: shown, written: () => String(stream.read() ?? '') };
}

test('nothing is written when nobody watches', () => {
  const { stream, written } = terminal(false);
  const progress = startProgress('building', stream);
  progress.update('half');
  progress.finish('keep');
  expect(written()).toBe('');
});

test('a terminal sees one line that is replaced, and kept with its duration', () => {
  const { stream, written } = terminal(true);
  const progress = startProgress('building', stream);
  progress.update('half');
  progress.finish('keep');
  const lines = written().split('\r\u001b[K');
  expect(lines.slice(0, 3)).toEqual(['', 'building  …', 'building  half']);
  expect(lines.at(-1)).toMatch(/^building {2}\d+\.\d s\n$/);
});

test('a line that is erased leaves nothing', () => {
  const { stream, written } = terminal(true);
  startProgress('building', stream).finish('erase');
  expect(written().endsWith('\r\u001b[K')).toBe(true);
});
