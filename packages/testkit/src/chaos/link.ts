/**
 * Owns one connection through the proxy: the client's socket, the server's, and what passes between them.
 * It must never know how many others there are.
 */
import type { Socket } from 'node:net';
import { Flow, FREE, type Pace } from './flow.ts';

export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Flow;
  readonly #down: Flow;
  #isHeld = false;
  #isDead = false;

  /** `ended` is called once, when both sides are closed. */
  constructor(client: Socket, server: Socket, ended: (link: Link) => void) {
    this.#client = client;
    this.#server = server;
    this.#up = new Flow(client, server);
    this.#down = new Flow(server, client);
    let open = 2;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#followUp();
        open -= 1;
        if (open === 0) ended(this);
      });
    }
  }

  set pace(pace: Pace) {
    const next = this.#isDead ? { ...pace, lost: true } : pace;
    this.#isHeld = pace.held;
    this.#up.pace = next;
    this.#down.pace = next;
    this.#followUp();
  }

  /** Says nothing any more, whatever the network does: its place in some table on the way was lost. */
  die(): void {
    this.#isDead = true;
    this.#stop();
    this.pace = { ...FREE, held: this.#isHeld };
  }

  /** Both sides learn at once, the hard way. */
  reset(): void {
    this.#stop();
    sever(this.#client);
    sever(this.#server);
  }

  /** The server's side is gone, and the client is not told. */
  loseServer(): void {
    this.die();
    sever(this.#server);
  }

  /** The end of one side reaches the other, unless nothing does; a side that was lost tells nobody. */
  #followUp(): void {
    if (this.#isHeld) return;
    if (this.#client.destroyed) {
      this.#stop();
      this.#server.destroy();
    } else if (this.#server.destroyed && !this.#isDead) {
      this.#stop();
      this.#client.destroy();
    }
  }

  #stop(): void {
    this.#up.stop();
    this.#down.stop();
  }
}

/** A socket that has said its last word can't be reset any more: Node would never close it, nor end with it open. */
function sever(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
