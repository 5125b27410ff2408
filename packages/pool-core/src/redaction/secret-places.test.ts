import { describe, expect, it } from 'vitest';
import { createRedactor } from '../redaction.ts';

describe('places that tell a secret whoever knows it', () => {
  const stranger = createRedactor(() => []);

  it.each([
    ['postgres://app:s3cr3t@db.example:5432/x', 'postgres://app:***@db.example:5432/x'],
    ['redis://:s3cr3t@db', 'redis://:***@db'],
    ['mysql://a@b.example:s3cr3t@db/x', 'mysql://a@b.example:***@db/x'],
    ['postgres://app:s3/cr@3t?x@db', 'postgres://app:***@db'],
    ["Invalid URL 'postgres://app:s3cr3t@db'", "Invalid URL 'postgres://app:***@db'"],
    ['host=db password=s3cr3t user=app', 'host=db password=*** user=app'],
    ["host=db password='s3 cr\\'3t' user=app", "host=db password='***' user=app"],
    ['Server=db;Pwd=s3cr3t;Port=1', 'Server=db;Pwd=***;Port=1'],
    ['jdbc:mysql://db/x?user=a&password=s3cr3t&ssl=1', 'jdbc:mysql://db/x?user=a&password=***&ssl=1'],
    ["{ user: 'a', password: 's3cr3t', port: 1 }", "{ user: 'a', password: '***', port: 1 }"],
    ['{"user":"a","password":"s3\\"cr3t","port":1}', '{"user":"a","password":"***","port":1}'],
    ['"{\\"password\\":\\"s3cr3t\\",\\"port\\":1}"', '"{\\"password\\":\\"***\\",\\"port\\":1}"'],
    ['db_pass: s3cr3t', 'db_pass: ***'],
    ['PGPASSWORD=s3cr3t psql', 'PGPASSWORD=*** psql'],
    ['{ password: "s3cr3t without an end', '{ password: "***"'],
    ['(password=s3,cr)3t)', '(password=***)'],
    ['client_secret => s3cr3t', 'client_secret => ***'],
  ])('%s', (message, masked) => {
    expect(stranger.text(message)).toBe(masked);
    expect(stranger.text(masked)).toBe(masked);
  });
});

describe('a text made to take long', () => {
  it.each([
    ['schemes', '://a:'.repeat(100_000)],
    ['schemes and one host', `${'://a:'.repeat(100_000)}@`],
    ['backslashes', `${'\\\\'.repeat(100_000)}password=${'\\\\'.repeat(100_000)}`],
    ['quotes', 'password="\\\\'.repeat(20_000)],
    ['quotes within quotes', 'password=\\\\"x'.repeat(20_000)],
    ['assignments', 'password='.repeat(50_000)],
    ['encoded percent signs', `%${'25'.repeat(100_000)}`],
  ])('takes time in proportion to its length: %s', (_, text) => {
    // At quadratic cost each of these takes from five seconds to minutes, which the runner calls a failure.
    expect(createRedactor(() => ['hunter2 and "more"']).text(text)).not.toContain('hunter2');
  });
});
