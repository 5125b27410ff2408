/**
 * Owns the scenario of many callers on few connections.
 * It must never know a library.
 */
import { PROCESSES } from '../../measure/rounds.ts';
import { EACH_BESIDE_BARE, type PoolScenario } from '../scenario.ts';
import { takeTurns } from '../turns.ts';

const CALLERS = 100;

export const hundredOnTen: PoolScenario = {
  name: 'hundred-on-ten',
  rows: [{ title: 'acquire and release, 100 callers on 10 connections', unit: '× bare pool', budget: 1.65 }],
  groups: EACH_BESIDE_BARE,
  repeated: PROCESSES,
  measure: (subjects, rounds) =>
    takeTurns(subjects, rounds, (pool, times, { contended }) => contended(pool, times, CALLERS)),
};
