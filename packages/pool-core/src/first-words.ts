/**
 * Owns a dial's wait for the first words of its server: when a silent one is asked what it is, and when it is given up on.
 * It must never know how a protocol begins: what was heard is for its adapter to judge.
 */
import { type Clock, guardTimers, type Timer, type Timers } from '@cryo/resilience';
import { type PeerAnswer, SilentServerError } from './adapter-errors.ts';

/**
 * A silent peer is asked after this part of the dial's time, and after this many ms at the latest: long enough that a server
 * which is merely slow has mostly spoken by then, early enough that the answer of another kind is told well within the time.
 */
const ASK_AFTER = 0.5;
const ASK_AFTER_AT_MOST_MS = 5_000;

/**
 * For this part of the dial's time, and this many ms at the most, the peer is listened to before it is asked: one that greets, or
 * hangs up on whoever comes, as a proxy does whose server is gone, does so by then. As long it is waited for a hang-up on the
 * dial itself behind one on the question.
 */
const LISTEN = 0.05;
const LISTEN_AT_MOST_MS = 500;

/** A peer that was silent for this part of the dial's time is given up on: just before the pool would, and with a better word. */
const SILENT_AFTER = 0.98;

/**
 * Servers of the common protocols in which the client speaks first answer this, or hang up: HTTP with a status, Redis and
 * memcached with an error, PostgreSQL and others that begin with a length by hanging up, since that one is absurd.
 */
const QUESTION = 'GET / HTTP/1.0\r\n\r\n';

/** A connection beside that of a dial, as far as it is used; a socket of Node is one. */
export interface SideConnection {
  /** Tells that it stands, that it failed, and that it is over. */
  on(event: 'connect' | 'error' | 'close', listener: () => void): unknown;
  /** Tells what the peer says. */
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  /** Says something to the peer. */
  write(text: string): unknown;
  /** Ends it at once. */
  destroy(): unknown;
}

/** What an adapter makes of what it hears. */
export interface FirstWordsRules {
  /** By which deadlines are counted. */
  readonly clock: Clock;
  /** On these it is waited. */
  readonly timers: Timers;
  /** Whether that is how the right server begins; `unsure` where more bytes have to come. */
  judge(said: Uint8Array): 'right' | 'wrong' | 'unsure';
  /** The error for a server of another kind; `undefined` where the answer proves nothing. */
  foreign(address: string, answer: PeerAnswer): unknown;
}

/** Whom a dial waits for. */
export interface Peer {
  /** As people write it. */
  readonly address: string;
  /** When the dial has to be over, by the clock. */
  readonly deadline: number;
  /** How long the driver's library waits by itself, in ms; 0 for ever. */
  readonly libraryLimitMs: number;
  /** Whether the dial's own connection stands. */
  isConnected(): boolean;
  /** Begins one more connection to the same address; `undefined` where none can be had. */
  readonly connect: (() => SideConnection) | undefined;
}

/** The dials of one driver. Where one of them was answered as it should be, no later one asks there. */
export class FirstWords {
  readonly #rules: FirstWordsRules;
  readonly #known = new Set<string>();
  readonly #asked = new Set<string>();

  constructor(rules: FirstWordsRules) {
    // What has arrived while the event loop was blocked is heard before anybody is called silent.
    const { clock, timers } = rules;
    this.#rules = { ...rules, timers: guardTimers({ clock, timers, stalled: () => {} }) };
  }

  /** The right server was heard there. */
  know(address: string): void {
    this.#known.add(address);
  }

  /** Begins to wait; `failed` is told once at most, and not after the end of the wait, which is what the answer brings about. */
  wait(peer: Peer, failed: (error: unknown) => void): () => void {
    const wait = new Wait(this.#rules, peer, {
      // One question at a time is enough.
      mayAsk: () => !this.#known.has(peer.address) && !this.#asked.has(peer.address),
      asked: () => void this.#asked.add(peer.address),
      askedNoMore: () => void this.#asked.delete(peer.address),
      known: () => this.know(peer.address),
      failed,
    });
    return () => wait.end();
  }
}

interface Host {
  mayAsk(): boolean;
  asked(): void;
  askedNoMore(): void;
  known(): void;
  failed(error: unknown): void;
}

class Wait {
  readonly #rules: FirstWordsRules;
  readonly #peer: Peer;
  readonly #host: Host;
  readonly #running = new Set<Timer>();
  readonly #limitMs: number;
  #side: SideConnection | undefined;

  constructor(rules: FirstWordsRules, peer: Peer, host: Host) {
    this.#rules = rules;
    this.#peer = peer;
    this.#host = host;
    const libraryLimitMs = peer.libraryLimitMs || Number.POSITIVE_INFINITY;
    this.#limitMs = Math.max(0, Math.min(peer.deadline - rules.clock.now(), libraryLimitMs));
    this.#after(Math.min(ASK_AFTER * this.#limitMs, ASK_AFTER_AT_MOST_MS), () => this.#ask());
    if (this.#limitMs !== Number.POSITIVE_INFINITY) this.#after(SILENT_AFTER * this.#limitMs, () => this.#giveUp());
  }

  end(): void {
    for (const timer of this.#running) timer.cancel();
    this.#running.clear();
    this.#endAsking();
  }

  #after(delayMs: number, run: () => void): void {
    const timer = this.#rules.timers.set(delayMs, run, { background: true });
    this.#running.add(timer);
  }

  #afterListening(run: () => void): void {
    this.#after(Math.min(LISTEN * this.#limitMs, LISTEN_AT_MOST_MS), run);
  }

  #giveUp(): void {
    const { clock } = this.#rules;
    // Behind a blocked event loop the pool's own time limit is due as well, and accuses nobody.
    if (clock.now() >= this.#peer.deadline) return;
    const stage = this.#peer.isConnected() ? 'connected' : 'connecting';
    this.#fail(new SilentServerError(this.#peer.address, stage, SILENT_AFTER * this.#limitMs));
  }

  #fail(error: unknown): void {
    this.end();
    this.#host.failed(error);
  }

  /** The dial's own connection is left alone: what it is waiting for may still come, and could not be read behind a question. */
  #ask(): void {
    if (!this.#peer.isConnected() || !this.#host.mayAsk()) return;
    const side = this.#connect();
    if (side === undefined) return;
    this.#host.asked();
    this.#side = side;
    let isAsked = false;
    const said: number[] = [];
    const ended = () => {
      if (this.#side !== side) return;
      this.#endAsking();
      // Whoever hangs up on everybody, as a proxy does that ends, hangs up on the dial by then, which ends this wait.
      if (isAsked && said.length === 0) this.#afterListening(() => this.#answered('hung-up'));
    };
    side.on('error', ended);
    side.on('close', ended);
    side.on('connect', () => {
      if (this.#side !== side) return;
      this.#afterListening(() => {
        if (this.#side !== side || said.length > 0) return;
        isAsked = true;
        side.write(QUESTION);
      });
    });
    side.on('data', (chunk) => {
      if (this.#side !== side) return;
      said.push(...chunk.subarray(0, 64));
      const answer = Uint8Array.from(said);
      const judged = this.#rules.judge(answer);
      if (judged === 'unsure') return;
      this.#endAsking();
      if (judged === 'right') this.#host.known();
      else this.#answered(answer);
    });
  }

  /** Nobody hears what a timer throws: a connection that can't even be begun is none. */
  #connect(): SideConnection | undefined {
    try {
      return this.#peer.connect?.();
    } catch {
      return undefined;
    }
  }

  #answered(answer: PeerAnswer): void {
    const error = this.#rules.foreign(this.#peer.address, answer);
    if (error !== undefined) this.#fail(error);
  }

  #endAsking(): void {
    const side = this.#side;
    if (side === undefined) return;
    this.#side = undefined;
    this.#host.askedNoMore();
    side.destroy();
  }
}
