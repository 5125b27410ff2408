/**
 * Owns the reference: a call of an async function that answers a constant.
 * It must never know a library.
 */
import type { Subject } from '../subject.ts';

export function bare(): Subject {
  return { name: 'bare', bareCall: (work) => () => work() };
}
