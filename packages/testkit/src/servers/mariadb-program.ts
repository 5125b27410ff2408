/**
 * Owns how a throwaway MariaDB is made and started, from the programs on the machine.
 * It must never know how long the server lives, or that it may be killed.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOrInstall } from './machine.ts';
import type { Program, ProgramOptions } from './program.ts';

const run = promisify(execFile);
const DEBIAN_PACKAGE = 'mariadb-server-core';
/** Holds one program that making a server needs, and Debian does not say so. */
const DEBIAN_CLIENT_PACKAGE = 'mariadb-client-core';

export function mariadbProgram(options: ProgramOptions): Program {
  const data = join(options.folder, 'data');
  const setUp = join(options.folder, 'set-up.sql');
  return {
    async prepare() {
      const install = await findOrInstall('mariadb-install-db', DEBIAN_PACKAGE);
      await findOrInstall('my_print_defaults', DEBIAN_CLIENT_PACKAGE);
      await run(install, [
        '--no-defaults',
        `--datadir=${data}`,
        // Two servers that are made at once would meet in the folder that the whole machine shares.
        `--tmpdir=${options.folder}`,
        ...asUser(),
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
        '--innodb-log-file-size=8M',
      ]);
      await writeFile(setUp, setUpStatements(options));
    },
    async launch() {
      return {
        file: await findOrInstall('mariadbd', DEBIAN_PACKAGE),
        arguments: [
          '--no-defaults',
          `--datadir=${data}`,
          `--tmpdir=${options.folder}`,
          `--socket=${join(options.folder, 'socket')}`,
          `--pid-file=${join(options.folder, 'pid')}`,
          `--init-file=${setUp}`,
          `--port=${options.port}`,
          '--bind-address=127.0.0.1',
          ...asUser(),
          '--skip-name-resolve',
          '--innodb-log-file-size=8M',
          '--innodb-buffer-pool-size=32M',
          '--innodb-flush-log-at-trx-commit=0',
          ...options.flags,
        ],
        ready: /ready for connections/,
      };
    },
  };
}

/** MariaDB runs as root only when told so by name. */
function asUser(): readonly string[] {
  return userInfo().uid === 0 ? ['--user=root'] : [];
}

function setUpStatements({ user, password, database }: ProgramOptions): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${database};`,
    `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}
