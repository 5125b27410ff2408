/**
 * Owns a server that greets as MySQL does, takes note of what it is told, and answers as it was told beforehand.
 * It must never know what anything means.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** What one statement is answered: an OK with these status flags and changes of the session, or an error. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly changes?: readonly number[];
  readonly errno?: number;
  readonly message?: string;
}

export interface ScriptedMysql {
  readonly port: number;
  /** Every statement, and RESET for COM_RESET_CONNECTION. */
  readonly said: string[];
  close(): void;
}

const COM_QUIT = 1;
const COM_QUERY = 3;
const COM_RESET_CONNECTION = 31;
const AUTOCOMMIT = 2;
/** PROTOCOL_41, CONNECT_WITH_DB, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH, SESSION_TRACK. */
const CAPABILITIES = 0x200 | 0x8 | 0x2000 | 0x8000 | 0x80000 | 0x800000;

/** Answers by statement; `login` is what whoever connects is answered. */
export async function scriptedMysql(answers: Readonly<Record<string, ScriptedAnswer>>): Promise<ScriptedMysql> {
  const said: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(packet(0, greeting()));
    let isGreeted = false;
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
        const body = rest.subarray(4, 4 + rest.readUIntLE(0, 3));
        const sequence = rest[3] ?? 0;
        rest = rest.subarray(4 + body.length);
        if (isGreeted) answer(socket, body);
        else socket.write(packet(sequence + 1, bodyOf(answers.login ?? {})));
        isGreeted = true;
      }
    });
  });
  const answer = (socket: Socket, body: Buffer) => {
    if (body[0] === COM_QUIT) return socket.end();
    const sql = body[0] === COM_QUERY ? body.subarray(1).toString() : '';
    if (body[0] === COM_QUERY) said.push(sql);
    if (body[0] === COM_RESET_CONNECTION) said.push('RESET');
    const given = answers[sql] ?? {};
    return socket.write(packet(1, bodyOf(given)));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: address.port, said, close };
}

function packet(sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, body]);
}

function greeting(): Buffer {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(CAPABILITIES);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.4.0\0'),
    Buffer.from([7, 0, 0, 0]),
    Buffer.from('12345678\0'),
    flags.subarray(0, 2),
    Buffer.from([255, AUTOCOMMIT, 0]),
    flags.subarray(2),
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
}

function bodyOf(answer: ScriptedAnswer): Buffer {
  return answer.errno === undefined ? ok(answer) : failure(answer);
}

function ok({ status = AUTOCOMMIT, changes }: ScriptedAnswer): Buffer {
  const head = [0, 0, 0, status & 0xff, status >> 8, 0, 0];
  return Buffer.from(changes === undefined ? head : [...head, 0, changes.length, ...changes]);
}

function failure({ errno = 0, message = '' }: ScriptedAnswer): Buffer {
  return Buffer.concat([Buffer.from([0xff, errno & 0xff, errno >> 8]), Buffer.from(`#HY000${message}`)]);
}
