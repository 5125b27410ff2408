/**
 * Owns the stage of one database: two servers of it, one of which is in service, and the doors behind them.
 * It must never know which contender plays on it, nor what a fault is for.
 */
import { type ChaosProxy, startProxy } from '@cryo/testkit/chaos';
import { startMariadb, startPostgres, type TestServer } from '@cryo/testkit/servers';
import type { Database } from '../contender.ts';
import { mariadbSideDoor } from './mariadb-side-door.ts';
import type { Player } from './player.ts';
import { postgresSideDoor } from './postgres-side-door.ts';
import { CALLER, type SideDoor } from './side-door.ts';

export interface House {
  readonly server: TestServer;
  readonly door: SideDoor;
}

/** The set for one fault: what it may touch. */
export interface Scene extends House {
  readonly proxy: ChaosProxy;
  readonly player: Player;
  /** A second server with the same callers and tables, which nobody is connected to. */
  standby(): Promise<House>;
}

const STARTERS = {
  postgres: { start: startPostgres, doorOf: postgresSideDoor },
  mariadb: { start: startMariadb, doorOf: mariadbSideDoor },
} as const;

export class Stage {
  readonly database: Database;
  readonly house: House;
  #standby: Promise<House> | undefined;

  private constructor(database: Database, house: House) {
    this.database = database;
    this.house = house;
  }

  static async set(database: Database): Promise<Stage> {
    return new Stage(database, await openHouse(database));
  }

  /** A network of its own for each trial. */
  async scene(player: Player): Promise<Scene> {
    const proxy = await startProxy({ target: this.house.server });
    return { ...this.house, proxy, player, standby: () => this.#secondHouse() };
  }

  /** Connections of callers on every server. */
  async sessions(): Promise<number> {
    const houses = [this.house, ...(this.#standby === undefined ? [] : [await this.#standby])];
    const counts = await Promise.all(houses.map(({ door }) => door.sessions()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** As it was at the beginning, whatever was done. */
  async reset(): Promise<void> {
    const { door } = this.house;
    await door.limitSessions(undefined);
    await door.setMode('writable');
    await door.setPassword(CALLER.password);
  }

  async strike(): Promise<void> {
    await Promise.all([this.house.server.remove(), this.#standby?.then(({ server }) => server.remove())]);
  }

  #secondHouse(): Promise<House> {
    this.#standby ??= openHouse(this.database);
    return this.#standby;
  }
}

async function openHouse(database: Database): Promise<House> {
  const { start, doorOf } = STARTERS[database];
  const server = await start();
  const door = doorOf(server);
  await door.prepare();
  return { server, door };
}
