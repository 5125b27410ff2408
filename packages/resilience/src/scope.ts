/**
 * Owns what may abort a piece of work: its caller's signal, and the scopes that policies put around it.
 * Must never know why a scope is aborted, nor make a signal before somebody reads it.
 */
import { type AbortSignal, LazyAbort } from './deadline.ts';

/** What can be asked whether work is still wanted. */
export type AbortSource = AbortSignal | Scope;

/** The signal of a source, made if need be. */
export function signalOf(source: AbortSource | undefined): AbortSignal | undefined {
  return source instanceof Scope ? source.signal : source;
}

/** Whose wish it is when the work is cancelled; a time limit is nobody's wish. */
export function callerOf(source: AbortSource | undefined): AbortSource | undefined {
  return source instanceof Scope ? source.caller : source;
}

/**
 * Aborted by itself, or together with what is around it. It costs an object until somebody reads its signal; its fields are
 * only declared, since one that is defined is first set to undefined, which a call notices.
 */
export class Scope {
  declare protected around: AbortSource | undefined;
  /** How often it has begun anew. A context reads its scope only in the turn in which it was made. */
  declare turn: number;
  /** Somebody may hold it for longer than the work takes, so it must not begin anew. */
  declare protected isKept: boolean;
  declare private own: LazyAbort | undefined;
  declare private follow: (() => void) | undefined;
  declare private isClosed: boolean;

  constructor(outer: AbortSource | undefined) {
    this.around = outer;
    this.turn = 0;
    this.isKept = false;
    this.own = undefined;
    this.follow = undefined;
    this.isClosed = false;
  }

  get outer(): AbortSource | undefined {
    return this.around;
  }

  /** For whoever hands it on. */
  keep(): void {
    this.isKept = true;
  }

  /** For a scope that nobody has kept and that has not aborted: what it was in, and whoever read its signal, is forgotten. */
  protected renew(): void {
    if (this.follow !== undefined) this.close();
    this.turn++;
    this.around = undefined;
    this.own = undefined;
    this.isClosed = false;
  }

  /** Overridden where an abort says something about the work. */
  get caller(): AbortSource | undefined {
    return this;
  }

  get aborted(): boolean {
    return this.own?.aborted === true || (!this.isClosed && this.around?.aborted === true);
  }

  get reason(): unknown {
    return this.own?.aborted === true ? this.own.reason : this.around?.reason;
  }

  get signal(): AbortSignal {
    if (this.own === undefined) {
      this.own = new LazyAbort();
      if (!this.isClosed && this.around?.aborted) this.own.abort(this.around.reason);
      else this.watch();
    }
    return this.own.signal;
  }

  /** Listens to what is around it, which it otherwise only does for whoever has read its signal. */
  watch(): void {
    if (this.isClosed || this.follow !== undefined || this.around === undefined) return;
    this.follow = () => this.outerAborted();
    signalOf(this.around)?.addEventListener('abort', this.follow, { once: true });
  }

  /** For those to override that have more to do than to tell whoever has read the signal. */
  protected outerAborted(): void {
    this.own?.abort(this.around?.reason);
  }

  /** Only the first abort counts. */
  abort(reason: unknown): void {
    this.own ??= new LazyAbort();
    this.own.abort(reason);
    this.close();
  }

  /** The work has ended: what happens around it no longer concerns whoever kept the signal, and nothing listens any more. */
  close(): void {
    this.isClosed = true;
    if (this.follow === undefined) return;
    signalOf(this.around)?.removeEventListener('abort', this.follow);
    this.follow = undefined;
  }
}
