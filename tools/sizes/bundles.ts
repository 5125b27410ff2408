/**
 * Owns which bundles of the resilience package are weighed, and how: bundled and minified by esbuild, then gzipped.
 * It must never know how much a bundle may weigh.
 */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from '../workspace/tool.ts';

export interface Bundle {
  readonly name: string;
  readonly code: string;
  /** What the bundle should weigh one day, gzipped. */
  readonly goalBytes?: number;
}

export interface Weight {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** The files of the package that left something in the bundle, from `dist` on, and how many bytes, minified. */
  readonly files: ReadonlyMap<string, number>;
}

const PACKAGE = join(ROOT, 'packages/resilience/dist');

export const BUNDLES: readonly Bundle[] = [
  { ...of('circuitBreaker', 'consecutiveFailures', 'retry', 'exponentialBackoff'), goalBytes: 3_500 },
  { name: 'everything', code: "export * from './index.js'", goalBytes: 6_000 },
  of('compose', 'circuitBreaker', 'consecutiveFailures', 'retry', 'timeout'),
  of('circuitBreaker', 'consecutiveFailures'),
  of('circuitBreaker', 'consecutiveFailures', 'recoveryRamp', 'snapshotOf', 'fromSnapshot'),
  of('keyedBreakers', 'consecutiveFailures'),
  of('retry', 'exponentialBackoff'),
  of('timeout'),
  of('bulkhead'),
  of('rateLimiter'),
  of('hedge'),
  of('fallback'),
  of('exponentialBackoff'),
  of('Histogram'),
  of('Registry'),
];

export function of(...names: readonly string[]): Bundle {
  return { name: names.join(' + '), code: `export { ${names.join(', ')} } from './index.js'` };
}

export async function weigh({ code }: Pick<Bundle, 'code'>): Promise<Weight> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: PACKAGE },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const left = inputs.filter(([file, { bytesInOutput }]) => file !== '<stdin>' && bytesInOutput > 0);
  const files = new Map(left.map(([file, { bytesInOutput }]) => [file.replace(/^.*dist\//, ''), bytesInOutput]));
  // An empty gzip file has 20 bytes of its own.
  const gzippedBytes = bytes.length === 0 ? 0 : gzipSync(bytes, { level: 9 }).length;
  return { minifiedBytes: bytes.length, gzippedBytes, files };
}
