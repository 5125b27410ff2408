/**
 * Owns the scopes that policies put around work, which abort it.
 * Must never know why a scope is aborted, nor make a signal before somebody reads it.
 */
import { type AbortScope, type AbortSource, isScope, signalOf } from './abort-source.ts';
import { type AbortSignal, LazyAbort } from './deadline.ts';
import { carefully } from './errors.ts';

/**
 * Aborted by itself, or together with what is around it. It costs an object until somebody reads its signal; its fields are
 * only declared, since one that is defined is first set to undefined, which a call notices.
 */
export class Scope implements AbortScope {
  declare protected around: AbortSource | undefined;
  declare turn: number;
  /** Somebody may hold it, or it listens to something, for longer than the work takes: it must not begin anew. */
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

  /** So is all that is around it, for who holds this asks that whether the work is wanted, and by whom. */
  keep(): void {
    this.isKept = true;
    if (isScope(this.around)) this.around.keep();
  }

  /** What is around it has aborted. A signal that throws when it is asked has. */
  protected get isUnwanted(): boolean {
    const { around } = this;
    return around !== undefined && carefully(() => around.aborted, true);
  }

  /** Overridden where an abort says something about the work. */
  get caller(): AbortSource | undefined {
    return this;
  }

  get waitingCaller(): AbortSignal | undefined {
    return isScope(this.around) ? this.around.waitingCaller : this.around;
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
      this.keep();
      if (!this.isClosed && this.around?.aborted) this.own.abort(this.around.reason);
      else this.watch();
    }
    return this.own.signal;
  }

  /** Listens to what is around it, which it otherwise only does for whoever has read its signal. */
  watch(): void {
    if (this.isClosed || this.follow !== undefined || this.around === undefined) return;
    this.keep();
    this.follow = () => this.outerAborted();
    signalOf(this.around)?.addEventListener('abort', this.follow, { once: true });
  }

  /** For those to override that have more to do than to tell whoever has read the signal. */
  protected outerAborted(): void {
    this.own?.abort(this.around?.reason);
  }

  /** Only the first abort counts. */
  abort(reason: unknown): void {
    this.keep();
    this.own ??= new LazyAbort();
    this.own.abort(reason);
    this.close();
  }

  /**
   * The work has ended: what happens around it from now on no longer concerns whoever kept the signal, and nothing listens any
   * more. What had aborted around it by now has aborted it.
   */
  close(): void {
    if (!this.isClosed && this.isUnwanted) {
      this.own ??= new LazyAbort();
      this.own.abort(this.around?.reason);
    }
    this.isClosed = true;
    if (this.follow === undefined) return;
    signalOf(this.around)?.removeEventListener('abort', this.follow);
    this.follow = undefined;
  }
}
