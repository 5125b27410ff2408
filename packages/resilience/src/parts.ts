/**
 * Owns the rules for options that many policies have: a name, and the parts that a policy is built on.
 * Must never know what a policy does with them.
 */
import type { OptionTest } from './option-rules.ts';

export const NAME: OptionTest = { isSound: (value) => typeof value === 'string' && value !== '', expected: 'a name' };
export const CLOCK = ['now', 'wallNow'];
export const TIMERS = ['set', 'afterInput'];
export const REGISTRY = ['policyMeter'];
export const BUDGET = ['tryTake'];
