/** The far end of a WebSocket cable with a device behind it, where a switch would be: two machines, one wire. */
import type { DataFromNode } from '@etherloom/schema';
import type { CableMessage, Transport, TransportHandler } from '@etherloom/transport';
import type { DataSocket } from '@etherloom/transport-ws';

const WELCOME = { port: 1, mtu: 65535, carrier: true, features: [] };

export class ServerCable implements Transport {
  handler: TransportHandler | null = null;
  up = false;
  readonly highWater = 256 * 1024;
  #socket: DataSocket | null = null;

  get pending(): number {
    return this.#socket?.pending ?? 0;
  }

  open(): void {}

  close(): void {
    this.up = false;
    this.#socket?.close();
  }

  /** One device dials, once. */
  accept(socket: DataSocket): void {
    this.#socket = socket;
    socket.onmessage = (buf, offset, length, frames) => this.handler?.message(buf, offset, length, frames);
    socket.onsent = (token) => this.handler?.sent(token);
    socket.oncontrol = (message) => this.#onControl(message);
    socket.onclose = (_code, reason) => {
      this.up = false;
      this.handler?.linkDown(reason);
    };
  }

  send(buf: Uint8Array, offset: number, length: number, token: number, headroom = 0): boolean {
    return this.up && this.#socket!.send(buf, offset, length, token, headroom);
  }

  /** The carrier of the device here changes nothing at the other end. */
  control(_message: CableMessage): void {}

  #onControl(message: DataFromNode): void {
    if (message.type !== 'hello') return;
    this.#socket!.control({ type: 'welcome', ...WELCOME });
    this.up = true;
    this.handler?.linkUp(WELCOME);
  }
}
