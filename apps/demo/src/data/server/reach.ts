/**
 * Owns the way to a server: the one that was named, or one of the demo's own, and a proxy before it where chaos needs one.
 * It must never speak to the server.
 */
import { type ChaosProxy, startProxy } from '@cryo/testkit/chaos';
import type { TestServer } from '@cryo/testkit/servers';

export interface ReachOptions {
  /** Starts a server of the demo's own when there is none. */
  readonly url: string | undefined;
  /** Whether dials may have to fail. */
  readonly proxied: boolean;
}

/** How a server is reached. */
export interface Reach {
  /** Straight to the server. */
  readonly url: string;
  /** What the pool dials: the same, or the way through the proxy. */
  readonly dialUrl: string;
  /** For a person to read, without a password. */
  readonly place: string;
  readonly proxy: ChaosProxy | undefined;
  /** Ends the proxy, and the server if it is the demo's own. */
  remove(): Promise<void>;
}

export async function reachServer(
  { url: given, proxied }: ReachOptions,
  start: () => Promise<TestServer>,
  defaultPort: number,
): Promise<Reach> {
  const own = given === undefined ? await start() : undefined;
  const url = new URL(own?.url ?? given ?? '');
  const port = url.port === '' ? defaultPort : Number(url.port);
  const proxy = proxied ? await startProxy({ target: { host: url.hostname, port } }) : undefined;
  const dial = new URL(url);
  if (proxy !== undefined) dial.host = `${proxy.host}:${proxy.port}`;
  const database = `${url.protocol}//${url.host}${url.pathname}`;
  return {
    url: url.href,
    dialUrl: dial.href,
    place: own === undefined ? database : `${database}, a server of its own, which ends with the demo`,
    proxy,
    async remove() {
      await proxy?.remove();
      await own?.remove();
    },
  };
}
