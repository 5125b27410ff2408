import { describe, expect, it } from 'vitest';
import { type Arguments, parseArguments } from './arguments.ts';
import { BadInputError } from './bad-input.ts';

function parse(...argv: string[]): Arguments {
  const parsed = parseArguments(argv);
  if (parsed === 'help') throw new Error('help was not asked for');
  return parsed;
}

function faultsOf(...argv: string[]): readonly string[] {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof BadInputError) return error.lines;
  }
  return [];
}

describe('the command line', () => {
  it('without a flag is a gentle load without end on a fixed port', () => {
    expect(parse()).toMatchObject({
      host: '127.0.0.1',
      port: 4_100,
      output: 'human',
      serviceTimeMs: 8,
      load: { profile: 'steady', workers: 20, durationMs: Infinity, loop: { kind: 'closed', thinkMs: 150 }, seed: 1 },
      chaos: undefined,
      settings: {},
    });
  });

  it('reads a headless spike, on any free port', () => {
    expect(parse('--duration', '15', '--profile', 'spike', '--json')).toMatchObject({
      port: 0,
      output: 'json',
      load: { profile: 'spike', workers: 100, durationMs: 15_000, loop: { kind: 'closed', thinkMs: 30 } },
    });
  });

  it('reads an open loop with its rate', () => {
    expect(parse('--open', '--rate=250').load.loop).toEqual({ kind: 'open', ratePerSecond: 250 });
  });

  it('reads chaos with its window', () => {
    expect(parse('--chaos', 'kill,dial-failures', '--duration', '12').chaos).toEqual({
      faults: ['dial-failures', 'kill'],
      atMs: 4_500,
      forMs: 3_000,
    });
  });

  it("takes the pool's settings as they are written", () => {
    expect(parse('--max-connections', '8', '--connection-timeout=2').settings).toEqual({
      'max-connections': '8',
      'connection-timeout': '2',
    });
  });

  it('does not mind the two dashes that a package manager may leave in front', () => {
    expect(parse('--', '--json').output).toBe('json');
  });

  it('answers help before anything else', () => {
    expect(parseArguments(['--port', '80000', '--help'])).toBe('help');
  });

  it.each([
    [['--port', '70000'], '--port is 70000, expected an integer from 0 to 65535'],
    [['--port', '-1'], '--port is -1, expected an integer from 0 to 65535'],
    [['--port', 'http'], "--port is 'http', expected an integer from 0 to 65535"],
    [['--workers', '500'], '--workers is 500, expected an integer from 1 to 100 workers'],
    [['--duration', '0'], '--duration is 0, expected a number above 0 and up to 86400 seconds'],
    [['--profile', 'wild'], "--profile is 'wild', expected one of steady, burst, ramp, spike"],
    [['--rate', '10'], '--rate needs --open beside it'],
    [['--chaos', 'fire'], "--chaos is 'fire', expected all, or some of slow,dial-failures,kill"],
    [['--chaos-for', '3'], '--chaos-for needs --chaos beside it'],
    [
      ['--chaos', 'kill', '--duration', '5', '--chaos-at', '4'],
      '--chaos-at is 4, expected a start from which 2.5 s fit into the run',
    ],
    [['--frobnicate'], 'unknown flag --frobnicate; see --help'],
    [['--constructor'], 'unknown flag --constructor; see --help'],
    [['-v'], 'unknown flag -v; see --help'],
    [['--host', '--json'], '--host needs a value'],
    [['--host='], '--host needs a value'],
    [['--json=yes'], '--json takes no value'],
    [['now'], "unexpected word 'now'; see --help"],
  ])('refuses %j', (argv, words) => {
    expect(() => parseArguments(argv)).toThrow(words);
  });

  it('tells every fault at once, a line each', () => {
    expect(faultsOf('--port', '-1', '--workers', 'many', '--what')).toEqual([
      'unknown flag --what; see --help',
      "--workers is 'many', expected an integer from 1 to 100 workers",
      '--port is -1, expected an integer from 0 to 65535',
    ]);
  });
});

describe('the database', () => {
  const placeOf = (argv: readonly string[], env = {}) => {
    const given = parseArguments(argv, env);
    return given === 'help' ? given : [given.database, given.url];
  };
  const POSTGRES = 'postgres://ada:hush@host/cold';

  it('is SQLite unless a name or a URL says otherwise, and a flag comes before the environment', () => {
    expect(placeOf([])).toEqual(['sqlite', undefined]);
    expect(placeOf(['--database', 'mysql'])).toEqual(['mysql', undefined]);
    expect(placeOf(['--url', POSTGRES])).toEqual(['postgres', POSTGRES]);
    expect(placeOf([], { CRYO_DATABASE_URL: 'mariadb://host/cold' })).toEqual(['mysql', 'mariadb://host/cold']);
    expect(placeOf(['--url', POSTGRES], { CRYO_DATABASE_URL: 'mysql://host/cold' })).toEqual(['postgres', POSTGRES]);
    expect(placeOf(['--database', 'sqlite'], { CRYO_DATABASE_URL: POSTGRES })).toEqual(['sqlite', undefined]);
  });

  it.each([
    [['--database', 'oracle'], "--database is 'oracle', expected one of sqlite, postgres, mysql"],
    [['--database', 'sqlite', '--url', POSTGRES], '--url is for a server, and --database is sqlite'],
    [['--database', 'mysql', '--url', POSTGRES], '--url leads to postgres, and --database is mysql'],
    [['--url', 'hush'], "--url can't be used, expected postgres://"],
    [['--database', 'mysql', '--file', 'x'], '--file is for sqlite, and the database is mysql'],
  ])('refuses %j, and never shows a URL', (argv, line) => {
    expect(() => parseArguments(argv)).toThrow(line);
    expect(() => parseArguments(argv)).not.toThrow('hush');
  });
});
