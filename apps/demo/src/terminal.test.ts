import { describe, expect, it } from 'vitest';
import { Terminal } from './terminal.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('standard error', () => {
  it('has its progress written over itself on a terminal, below the lines that stay', () => {
    const stream = screen(true);
    const terminal = new Terminal(stream);
    terminal.show('1 s');
    terminal.show('2 s');
    terminal.logger(() => true).warn({}, 'the dial breaker opened');
    terminal.logger(() => false).warn({}, 'nobody hears this');
    terminal.show('');
    expect(stream.written).toEqual([
      '\r\x1b[2K1 s',
      '\r\x1b[2K2 s',
      '\r\x1b[2K',
      'the dial breaker opened\n',
      '\r\x1b[2K2 s',
      '\r\x1b[2K',
    ]);
  });

  it('has no progress where nobody watches', () => {
    const stream = screen(false);
    const terminal = new Terminal(stream);
    terminal.show('1 s');
    terminal.say('something happened');
    terminal.show('');
    expect(stream.written).toEqual(['something happened\n']);
  });
});
