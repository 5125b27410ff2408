/**
 * Owns what the machine has to offer: its programs, its free ports, and its package manager where that is permitted.
 * It must never know which server asks.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Several programs of ours may begin at once on a machine that has nothing yet. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120'];
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];

/**
 * Path of a program; installs the Debian package that holds it when it is missing and we are root on a machine with apt.
 *
 * @throws Error that says why it can't be had.
 */
export async function findOrInstall(program: string, debianPackage: string): Promise<string> {
  const found = await find(program);
  if (found !== undefined) return found;
  await install(program, debianPackage);
  const installed = await find(program);
  if (installed !== undefined) return installed;
  throw new Error(`${program} is not on PATH, and the package ${debianPackage} did not bring it`);
}

async function find(program: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  for (const folder of folders) {
    const path = join(folder, program);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

async function install(program: string, debianPackage: string): Promise<void> {
  const apt = await find('apt-get');
  if (apt === undefined) throw new Error(`${program} is not on PATH, and there is no apt-get to install it with`);
  if (userInfo().uid !== 0) throw new Error(`${program} is not on PATH; as root: apt-get install ${debianPackage}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run(apt, [...PATIENT, 'update', '-qq'], { env });
  await run(apt, [...PATIENT, 'install', '-y', '-qq', '--no-install-recommends', debianPackage], { env });
}

/** A port of the loopback interface that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the machine gave no port');
}
