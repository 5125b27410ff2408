/**
 * Owns what the server says of a session in the last packet of an answer.
 * It must never know which statement was answered, nor change what mysql2 makes of it.
 */
import type { MysqlPacket } from './mysql2-types.ts';

/** https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html, SERVER_STATUS_flags_enum. */
export const IN_TRANSACTION = 0x1;
export const AUTOCOMMIT = 0x2;
export const DATABASE_DROPPED = 0x100;
export const NO_BACKSLASH_ESCAPES = 0x200;
export const STATE_CHANGED = 0x4000;
/** Beside the server's own: the database of the session is another one. */
export const DATABASE_CHANGED = 0x10000;

/** The answer was an error, which tells nothing of the session. */
export const FAILED = -1;

const OK = 0x00;
const EOF = 0xfe;
const ERROR = 0xff;
const HEADER = 4;
/** An EOF of 5 bytes; whatever is longer and begins with 0xfe is a row. */
const EOF_LENGTH = 5;

/** Of enum_session_state_type, what makes another session of it; identifiers and states of transactions do not. */
const VARIABLE = 0;
const DATABASE = 1;
const STATE = 2;

/**
 * The status flags of a packet that ends an answer. STATE_CHANGED is there only where the change is one that the next lease
 * could see; `undefined` for a packet that is no end.
 */
export function statusOf(packet: MysqlPacket): number | undefined {
  const { buffer, start, end } = packet;
  const at = start + HEADER;
  switch (buffer[at]) {
    case ERROR:
      return FAILED;
    case EOF:
      return end - at === EOF_LENGTH ? buffer.readUInt16LE(at + 3) : undefined;
    case OK:
      return statusOfOk(buffer.subarray(at + 1, end));
    default:
      return undefined;
  }
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html */
function statusOfOk(body: Buffer): number | undefined {
  const reader = new Reader(body);
  reader.length();
  reader.length();
  if (reader.left < 4) return undefined;
  const status = body.readUInt16LE(reader.at);
  if ((status & STATE_CHANGED) === 0) return status;
  reader.at += 4;
  reader.skip(reader.length());
  reader.length();
  let changed = reader.left > 0 ? 0 : STATE_CHANGED;
  while (reader.left > 0) {
    const kind = reader.length();
    if (kind === VARIABLE || kind === DATABASE || kind === STATE) changed |= STATE_CHANGED;
    if (kind === DATABASE) changed |= DATABASE_CHANGED;
    reader.skip(reader.length());
  }
  return (status & ~STATE_CHANGED) | changed;
}

/** Reads integers of the protocol's own length. */
class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  skip(count: number): void {
    this.at += count;
  }

  length(): number {
    const first = this.left > 0 ? (this.#bytes[this.at] as number) : 0;
    const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
    this.at++;
    if (size === 0) return first;
    const value = size === 8 ? 0 : this.left >= size ? this.#bytes.readUIntLE(this.at, size) : 0;
    this.at += size;
    return value;
  }
}
