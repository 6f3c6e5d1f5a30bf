/**
 * Sends frames through a device as fast as its queue takes them. cf. net/core/pktgen.c
 * Every frame is an skb of its own that goes down devQueueXmit like anybody's: nothing is cloned or reused.
 */
import { copyBytes, copyWords, WORDS_MAX } from '@etherloom/frame';
import { devQueueXmit, type NetDevice, netifXmitStopped } from '@etherloom/netcore';

const BURST = 1024;
/** How long a full queue is left alone: to ask it again each turn would burn the CPU that its receivers need. */
const BACK_OFF_MS = 1;

export interface PktgenOptions {
  /** Frame length without FCS. */
  size: number;
  dst: Uint8Array;
  /** EtherType. */
  protocol: number;
}

export class Pktgen {
  sent = 0;
  /** Turns that found the queue full. */
  stalls = 0;
  readonly #dev: NetDevice;
  readonly #template: Uint8Array;
  readonly #view: DataView;
  #running = false;

  constructor(dev: NetDevice, { size, dst, protocol }: PktgenOptions) {
    this.#dev = dev;
    this.#template = new Uint8Array(size);
    this.#view = new DataView(this.#template.buffer);
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

  /** Stops at a stopped queue, be it by the driver or by its byte limit: the qdisc would hold and then drop the rest. */
  readonly #turn = (): void => {
    if (!this.#running) return;
    const txq = this.#dev.txq[0]!;
    let sent = 0;
    while (sent < BURST && !netifXmitStopped(txq) && this.#xmit()) sent++;
    this.sent += sent;
    if (sent > 0) {
      setImmediate(this.#turn);
      return;
    }
    this.stalls++;
    setTimeout(this.#turn, BACK_OFF_MS);
  };

  #xmit(): boolean {
    const template = this.#template;
    const skb = this.#dev.net.pool.alloc(template.length);
    if (skb === null) return false;
    const at = skb.put(template.length);
    if (skb.view !== null && template.length <= WORDS_MAX)
      copyWords(this.#view, 0, skb.view, at, template.length);
    else copyBytes(template, 0, skb.buf, at, template.length);
    skb.dev = this.#dev;
    devQueueXmit(skb);
    return true;
  }
}
