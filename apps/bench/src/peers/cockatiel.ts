/**
 * Owns the slice of cockatiel that is compared, structurally, since it is not installed where types are checked.
 * It must never know what it is compared with.
 */
import { loadPeer } from './peers.ts';

export interface CockatielContext {
  readonly signal: AbortSignal;
}

export interface CockatielPolicy {
  execute<Result>(work: (context: CockatielContext) => Result, signal?: AbortSignal): Promise<Awaited<Result>>;
}

export interface CockatielBreaker extends CockatielPolicy {
  readonly state: number;
  onBreak(listener: () => void): unknown;
  onSuccess(listener: () => void): unknown;
  isolate(): { dispose(): void };
  toJSON(): unknown;
}

interface CockatielTimeout extends CockatielPolicy {
  onTimeout(listener: () => void): unknown;
}

interface Handled {
  readonly handles: 'some errors';
}

export interface Backoff {
  readonly kind: 'backoff';
}

interface BackoffOptions {
  readonly initialDelay: number;
  readonly maxDelay: number;
  readonly exponent?: number;
  readonly generator?: unknown;
}

interface BreakerOptions {
  readonly breaker: unknown;
  readonly halfOpenAfter: number | Backoff;
  readonly initialState?: unknown;
}

export interface Cockatiel {
  readonly handleAll: Handled;
  handleWhen(isFailure: (error: unknown) => boolean): Handled;
  circuitBreaker(handled: Handled, options: BreakerOptions): CockatielBreaker;
  retry(handled: Handled, options: { readonly maxAttempts?: number; readonly backoff?: Backoff }): CockatielPolicy;
  wrap(...policies: readonly CockatielPolicy[]): CockatielPolicy;
  bulkhead(limit: number, queue: number): CockatielPolicy;
  fallback(handled: Handled, value: unknown): CockatielPolicy;
  timeout(durationMs: number, strategy: string): CockatielTimeout;
  readonly noJitterGenerator: unknown;
  readonly ConsecutiveBreaker: new (failures: number) => unknown;
  readonly SamplingBreaker: new (options: {
    readonly threshold: number;
    readonly duration: number;
    readonly minimumRps: number;
  }) => unknown;
  readonly ExponentialBackoff: new (options: BackoffOptions) => Backoff;
}

export function loadCockatiel(): Promise<Cockatiel> {
  return loadPeer('cockatiel');
}
