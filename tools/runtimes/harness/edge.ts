/**
 * Owns an edge-like platform for one case: a context with what such platforms share and nothing else.
 * It must never know what a case does. There is no process, no `setImmediate`, no MessageChannel; a timer is a number.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createContext, type Module, SourceTextModule } from 'node:vm';

const SHARED = [
  ...['AbortController', 'AbortSignal', 'Blob', 'DOMException', 'Event', 'EventTarget', 'FormData', 'Headers'],
  ...['ReadableStream', 'Request', 'Response', 'TextDecoder', 'TextEncoder', 'TransformStream', 'URL'],
  ...['URLSearchParams', 'WritableStream', 'atob', 'btoa', 'console', 'crypto', 'fetch', 'performance'],
  ...['queueMicrotask', 'structuredClone', 'clearInterval', 'clearTimeout'],
] as const;

const [, , place = '{}', file = ''] = process.argv;
const { folder, imports } = JSON.parse(place) as { readonly folder: string; readonly imports: Record<string, string> };
const context = createContext(platform());
const modules = new Map<string, SourceTextModule>();

const { assertionsMade } = (await run('harness/assert.js')) as { assertionsMade(): number };
await run(`cases/${file}.js`);
// A rejection that nobody handles ends the process before these have passed.
for (let turn = 0; turn < 3; turn += 1) await new Promise((passed) => setImmediate(passed));
process.stdout.write(`reached the end after ${assertionsMade()} assertions\n`, () => process.exit());

function platform(): object {
  const shared = Object.fromEntries(SHARED.map((name) => [name, globalThis[name]]));
  const setTimeout = (run: () => void, delayMs?: number): number => Number(globalThis.setTimeout(run, delayMs));
  const setInterval = (run: () => void, delayMs?: number): number => Number(globalThis.setInterval(run, delayMs));
  return { ...shared, setTimeout, setInterval };
}

async function run(path: string): Promise<object> {
  const entry = load(join(folder, path));
  await entry.link((specifier, { identifier }) => load(locate(specifier, identifier)));
  await entry.evaluate();
  return entry.namespace;
}

function load(path: string): SourceTextModule {
  const loaded = modules.get(path) ?? new SourceTextModule(readFileSync(path, 'utf8'), { context, identifier: path });
  modules.set(path, loaded);
  return loaded;
}

function locate(specifier: string, importer: Module['identifier']): string {
  if (specifier.startsWith('.')) return resolve(importer, '..', specifier);
  const door = imports[specifier];
  if (door === undefined) throw new Error(`an edge platform has no '${specifier}'`);
  return join(folder, door);
}
