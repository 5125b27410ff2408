/**
 * Owns the sending of one request over HTTP on kept-alive connections, and the reading of its answer.
 * It must never reject: whatever happens is an answer.
 */
import { Agent, request } from 'node:http';
import type { Answer } from './tally.ts';
import type { Inquiry } from './traffic.ts';

/** Longer than any deadline of the service: who hears nothing for so long will hear nothing. */
const PATIENCE_MS = 60_000;

/** Sends requests to one origin, such as `http://127.0.0.1:4100`. `close` ends its idle connections. */
export interface Client {
  send(inquiry: Inquiry): Promise<Answer>;
  close(): void;
}

export function createClient(origin: string): Client {
  const agent = new Agent({ keepAlive: true });
  return {
    send: (inquiry) => send(agent, origin, inquiry),
    close: () => agent.destroy(),
  };
}

function send(agent: Agent, origin: string, { method, path, body }: Inquiry): Promise<Answer> {
  return new Promise((resolve) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(`${origin}${path}`, { agent, method, headers, timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(read(response.statusCode ?? 0, Buffer.concat(chunks))));
      response.on('error', (error) => resolve(unanswered(error)));
    });
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('no answer'), { code: 'NO_ANSWER' })));
    outgoing.on('error', (error) => resolve(unanswered(error)));
    outgoing.end(body);
  });
}

function read(status: number, body: Buffer): Answer {
  if (status >= 200 && status < 300) return { kind: 'served' };
  try {
    const { error } = JSON.parse(body.toString()) as { error?: { code?: string } };
    return { kind: 'failed', code: error?.code ?? `HTTP_${status}` };
  } catch {
    return { kind: 'failed', code: `HTTP_${status}` };
  }
}

function unanswered(error: Error & { code?: string }): Answer {
  return { kind: 'unanswered', code: error.code ?? 'UNANSWERED' };
}
