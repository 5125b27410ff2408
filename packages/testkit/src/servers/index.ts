/**
 * Owns the list of what `@cryo/testkit/servers` offers: real servers for tests.
 * It must never hold more than names.
 */
export { startMariadb, startPostgres, type TestServer, type TestServerOptions } from './test-server.ts';
