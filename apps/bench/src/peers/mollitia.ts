/**
 * Owns the slice of mollitia that is compared, structurally, since it is not installed where types are checked.
 * It must never know what it is compared with.
 */
import { loadPeer } from './peers.ts';

export interface MollitiaModule {
  dispose(): void;
  on(event: string, listener: (...given: readonly unknown[]) => void): unknown;
}

export interface MollitiaCircuit {
  execute(...given: readonly unknown[]): Promise<unknown>;
  fn(work: (...given: never[]) => Promise<unknown>): MollitiaCircuit;
}

export interface MollitiaBreakerOptions {
  readonly openStateDelay?: number;
  readonly halfOpenStateMaxDelay?: number;
  readonly slidingWindowSize?: number;
  readonly minimumNumberOfCalls?: number;
  readonly failureRateThreshold?: number;
  readonly permittedNumberOfCallsInHalfOpenState?: number;
  readonly onError?: (error: unknown) => boolean;
  readonly state?: string;
}

export interface MollitiaRetryOptions {
  readonly attempts?: number;
  readonly interval?: number;
  readonly maxInterval?: number;
  readonly factor?: number;
  readonly mode?: string;
}

interface CircuitOptions {
  readonly func?: (...given: never[]) => Promise<unknown>;
  readonly options: { readonly modules: readonly MollitiaModule[] };
}

export interface Mollitia {
  readonly Circuit: new (options: CircuitOptions) => MollitiaCircuit;
  readonly SlidingCountBreaker: new (options: MollitiaBreakerOptions) => MollitiaModule;
  readonly SlidingTimeBreaker: new (options: MollitiaBreakerOptions) => MollitiaModule;
  readonly Retry: new (options: MollitiaRetryOptions) => MollitiaModule;
  readonly Bulkhead: new (options: { readonly concurrentSize: number; readonly queueSize: number }) => MollitiaModule;
  readonly Ratelimit: new (options: {
    readonly limitPeriod: number;
    readonly limitForPeriod: number;
  }) => MollitiaModule;
  readonly Timeout: new (options: { readonly delay: number }) => MollitiaModule;
}

export function loadMollitia(): Promise<Mollitia> {
  return loadPeer('mollitia');
}
