/**
 * Owns the rules for options that many policies have: a name, and the parts that a policy is built on.
 * Must never know what a policy does with them. The notes are for bundlers, which leave out the rules that nobody uses.
 */
import { having, must } from './option-rules.ts';

export const NAME = /* @__PURE__ */ must((value) => typeof value === 'string' && value !== '', 'a name');
export const CLOCK = /* @__PURE__ */ having('now', 'wallNow');
export const TIMERS = /* @__PURE__ */ having('set', 'afterInput');
export const REGISTRY = /* @__PURE__ */ having('policyMeter');
export const BUDGET = /* @__PURE__ */ having('tryTake');
