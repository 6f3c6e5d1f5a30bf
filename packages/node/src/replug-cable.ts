/**
 * The cable of a device that can be pulled out and plugged in elsewhere: the device keeps its end, identity and
 * counters while the transport behind it changes. Without a transport it is a cable that hangs loose: down.
 */
import type { CableMessage, Transport, TransportHandler } from '@etherloom/transport';

const LOOSE_HIGH_WATER = 256 * 1024;

export class ReplugCable implements Transport {
  handler: TransportHandler | null = null;
  #inner: Transport | null = null;
  #next: Transport | null = null;
  #opened = false;
  #pulling = false;

  get up(): boolean {
    return this.#inner?.up ?? false;
  }
  get pending(): number {
    return this.#inner?.pending ?? 0;
  }
  get highWater(): number {
    return this.#inner?.highWater ?? LOOSE_HIGH_WATER;
  }

  open(): void {
    this.#opened = true;
    this.#inner?.open();
  }

  close(): void {
    this.#opened = false;
    this.#next = null;
    this.#inner?.close();
  }

  /** Pulls the cable out (null), or plugs it into another transport once the present one is down. */
  plug(transport: Transport | null): void {
    this.#next = transport;
    if (this.#pulling) return;
    const inner = this.#inner;
    if (inner?.up) {
      this.#pulling = true;
      inner.close();
    } else {
      inner?.close();
      this.#take();
    }
  }

  send(buf: Uint8Array, offset: number, length: number, token: number, headroom = 0): boolean {
    return this.#inner?.send(buf, offset, length, token, headroom) ?? false;
  }

  control(message: CableMessage): void {
    this.#inner?.control(message);
  }

  #take(): void {
    const transport = this.#next;
    this.#next = null;
    this.#pulling = false;
    this.#inner = transport;
    if (transport === null) return;
    transport.handler = this.#handlerFor(transport);
    if (this.#opened) transport.open();
  }

  /** A transport that has been pulled out still returns what it has on loan, and is heard no more. */
  #handlerFor(transport: Transport): TransportHandler {
    const plugged = () => this.#inner === transport;
    return {
      linkUp: (welcome) => {
        if (plugged()) this.handler?.linkUp(welcome);
      },
      linkDown: (reason) => {
        if (plugged()) this.#onDown(reason);
      },
      message: (buf, offset, length, frames) => {
        if (this.#inner === transport) this.handler?.message(buf, offset, length, frames);
      },
      sent: (token) => this.handler?.sent(token),
      control: (message) => {
        if (plugged()) this.handler?.control(message);
      },
    };
  }

  #onDown(reason: string): void {
    this.handler?.linkDown(reason);
    if (this.#pulling) this.#take();
  }
}
