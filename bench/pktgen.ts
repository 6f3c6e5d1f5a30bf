/**
 * Sends frames through a device as fast as its queue takes them. cf. net/core/pktgen.c
 * Every frame is an skb of its own that goes down devQueueXmit like anybody's: nothing is cloned or reused.
 */
import { devQueueXmit, type NetDevice, netifTxQueueStopped } from '@etherloom/netcore';

const BURST = 1024;

export interface PktgenOptions {
  /** Frame length without FCS. */
  size: number;
  dst: Uint8Array;
  /** EtherType. */
  protocol: number;
}

export class Pktgen {
  sent = 0;
  readonly #dev: NetDevice;
  readonly #template: Uint8Array;
  #running = false;

  constructor(dev: NetDevice, { size, dst, protocol }: PktgenOptions) {
    this.#dev = dev;
    this.#template = new Uint8Array(size);
    this.#template.set(dst, 0);
    this.#template.set(dev.devAddr, 6);
    this.#template[12] = protocol >> 8;
    this.#template[13] = protocol & 255;
  }

  start(): void {
    this.#running = true;
    setImmediate(this.#turn);
  }

  stop(): void {
    this.#running = false;
  }

  /** Stops at a stopped queue, so that nothing is sent only to be dropped by the qdisc. */
  readonly #turn = (): void => {
    if (!this.#running) return;
    const txq = this.#dev.txq[0]!;
    for (let i = 0; i < BURST && !netifTxQueueStopped(txq); i++) {
      if (!this.#xmit()) break;
    }
    setImmediate(this.#turn);
  };

  #xmit(): boolean {
    const template = this.#template;
    const skb = this.#dev.net.pool.alloc(template.length);
    if (skb === null) return false;
    const at = skb.put(template.length);
    skb.buf.set(template, at);
    skb.dev = this.#dev;
    devQueueXmit(skb);
    this.sent++;
    return true;
  }
}
