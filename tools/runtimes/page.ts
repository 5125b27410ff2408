/**
 * Owns the server of the page: it hands out the built files and the cases, and takes back how they ended.
 * It must never know which browser comes.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Case } from './case.ts';
import type { Place } from './place.ts';
import type { Ending } from './runtime.ts';

export interface Page {
  readonly address: string;
  readonly endings: ReadonlyMap<Case, Ending>;
  /** Resolves when every case has ended, or nothing was heard for that long. */
  finished(silenceLimitMs: number): Promise<void>;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

export async function servePage(place: Place, cases: readonly Case[]): Promise<Page> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(404).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endings = new Map<Case, Ending>();
  const named = new Map(cases.map((one) => [place.files.get(one) ?? '', one]));
  let heard = (): void => {};

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    if (path === '/endings') keep(await text(request));
    if (path === '/endings') return void response.end();
    if (path === '/names') return void response.end(JSON.stringify([...named.keys()]));
    const body = path.endsWith('.html') ? page(place, path) : readFileSync(join(place.folder, normalize(path)));
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(body);
  }

  function keep(body: string): void {
    const { name, ending } = JSON.parse(body) as { readonly name: string; readonly ending: Ending };
    const one = named.get(name);
    if (one !== undefined) endings.set(one, ending);
    heard();
  }

  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`,
    endings,
    finished: (silenceLimitMs) =>
      new Promise((done) => {
        let silence = setTimeout(done, silenceLimitMs);
        heard = () => {
          clearTimeout(silence);
          if (endings.size === named.size) done();
          else silence = setTimeout(done, silenceLimitMs);
        };
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function page({ imports }: Place, path: string): string {
  const doors = Object.fromEntries(Object.entries(imports).map(([name, file]) => [name, `/${file}`]));
  const source = readFileSync(join(import.meta.dirname, 'harness', normalize(path)), 'utf8');
  return source.replace('"imports": {}', () => `"imports": ${JSON.stringify(doors)}`);
}
