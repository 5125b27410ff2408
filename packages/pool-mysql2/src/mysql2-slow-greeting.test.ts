import { startProxy } from '@cryo/testkit/chaos';
import { startMariadb } from '@cryo/testkit/servers';
import { expect, it } from 'vitest';
import { createMysqlPool } from './mysql2-pool.ts';

it('a greeting that comes byte by byte is waited for, and not taken for another protocol', async () => {
  const server = await startMariadb();
  const proxy = await startProxy({ target: server });
  await proxy.apply({ kind: 'bandwidth', bytesPerSecond: 20 });
  const pool = createMysqlPool({ connection: server.url.replace(String(server.port), String(proxy.port)) });
  try {
    const ready = pool.ready();
    // Bytes are there by then, of which the first alone says nothing.
    await Promise.race([ready, new Promise((done) => setTimeout(done, 500))]);
    await proxy.heal();
    await ready;
    expect(pool.snapshot().live).toBeGreaterThan(0);
  } finally {
    await pool.close();
    await proxy.remove();
    await server.remove();
  }
});
