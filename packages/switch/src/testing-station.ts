/** What the tests of this package that use real sockets share. Not exported. */
import type { CableMessage, Transport, TransportHandler } from '@etherloom/transport';
import { countRecords } from '@etherloom/transport';
import { WsTransport, type WsTransportOptions } from '@etherloom/transport-ws';
import { batch, noOf } from './testing.ts';

export async function until(
  done: () => boolean | Promise<boolean>,
  what: string,
  ms = 10_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A device with a real WebSocket for a wire. */
export class Station implements TransportHandler {
  tx = 0;
  rx = 0;
  numbers: number[] = [];
  carrier = false;
  onDown: (() => void) | null = null;
  readonly cable: Transport;

  constructor(url: string, node: string, options: Pick<WsTransportOptions, 'token' | 'ca'> = {}) {
    const mac = '02:00:00:00:00:01';
    const hello = () => ({
      type: 'hello' as const,
      node,
      device: 'eth0',
      mac,
      mtu: 1500,
      epoch: node,
      tx: this.tx,
      rx: this.rx,
      up: true,
      features: [],
    });
    this.cable = new WsTransport({ url, hello, random: Math.random, ...options });
    this.cable.handler = this;
    this.cable.open();
  }
  send(...frames: Uint8Array[]): void {
    const bytes = batch(frames);
    if (this.cable.send(bytes, 0, bytes.length, 0)) this.tx += frames.length;
  }
  linkUp(welcome: { carrier: boolean }): void {
    this.carrier = welcome.carrier;
  }
  linkDown(): void {
    this.onDown?.();
    this.carrier = false;
  }
  message(buf: Uint8Array, offset: number, length: number): void {
    this.rx += countRecords(buf, offset, length);
    for (let at = offset; at < offset + length; ) {
      const n = new DataView(buf.buffer, buf.byteOffset).getUint32(at);
      this.numbers.push(noOf(buf.subarray(at + 4, at + 4 + n)));
      at += 4 + n;
    }
  }
  sent(): void {}
  control(message: CableMessage): void {
    if (message.type === 'carrier') this.carrier = message.on;
    if (message.type === 'mark')
      this.cable.control({ type: 'mark', id: message.id, tx: this.tx, rx: this.rx });
  }
}
