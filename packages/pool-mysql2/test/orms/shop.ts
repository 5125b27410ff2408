/**
 * Owns what a small shop does with its database: the same few things, whatever ORM it is written with.
 * It must never know an ORM, nor a pool.
 */

export interface Item {
  readonly id: number;
  readonly name: string;
  readonly stock: number;
}

export interface Shop {
  add(name: string, stock: number): Promise<Item>;
  find(id: number): Promise<Item | undefined>;
  rename(id: number, name: string): Promise<void>;
  remove(id: number): Promise<void>;
  /** In one transaction; nothing has moved when it fails. */
  move(from: number, to: number, count: number): Promise<void>;
  total(): Promise<number>;
  /** Ends the ORM, and with it the pool, where the ORM does that. */
  end(): Promise<void>;
}

export class OutOfStock extends Error {}

export const SCHEMA =
  'CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) NOT NULL, stock INT NOT NULL CHECK (stock >= 0))';
