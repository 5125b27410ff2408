/**
 * Owns what the process that plays the network and the process that holds the pool say to each other; plain data.
 * It must never know how either does what it is asked.
 */
import type { Database } from '../contender.ts';
import type { Outage, Summary } from './summary.ts';

export interface StartOrder {
  readonly ask: 'start';
  readonly database: Database;
  readonly contender: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Name of the database on the server. */
  readonly schema: string;
  readonly sql: string;
  readonly writes: boolean;
  readonly workers: number;
}

export type Order =
  | StartOrder
  | { readonly ask: 'password'; readonly password: string }
  | { readonly ask: 'names'; readonly are: 'known' | 'unknown' }
  | ({ readonly ask: 'finish' } & Outage)
  | { readonly ask: 'live' };

export type Reply =
  | { readonly kind: 'done' }
  | { readonly kind: 'summary'; readonly summary: Summary }
  | { readonly kind: 'live'; readonly live: number | undefined }
  | { readonly kind: 'failed'; readonly reason: string };
