/**
 * Sends a flow through a device. cf. net/core/pktgen.c
 * Every frame is an skb of its own that goes down devQueueXmit like anybody's: nothing is cloned or reused.
 *
 * With a rate it sends what is due, by turns of a quarter of a millisecond, and catches up when it was late. A frame's
 * stamp is the time it was due, not the time it left, so that what waits for a late generator or a stopped queue counts
 * as latency. Without a rate it sends as fast as the device's queue takes it.
 */
import { copyBytes, copyWords, WORDS_MAX } from '@etherloom/frame';
import { devQueueXmit, type NetDevice, netifXmitStopped } from '@etherloom/netcore';
import { type Flow, STAMP, templates } from './flow.ts';
import { monotonic, stampOf } from './monotonic.ts';

const BURST = 4096;
/** How long a full queue is left alone: to ask it again each turn would burn the CPU that its receivers need. */
const BACK_OFF_MS = 1;
/** Between two turns of a paced flow. A timer of Node would be late by more; this one is exact and burns nothing. */
const PACE_MS = 0.25;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class Generator {
  sent = 0;
  /** Turns that found the queue full. */
  stalls = 0;
  readonly #dev: NetDevice;
  readonly #frames: Uint8Array[];
  readonly #views: DataView[];
  readonly #flow: Flow;
  readonly #limit: number;
  readonly #stampEvery: number;
  #running = false;
  #start = 0;
  #end = 0;
  #next = 0;

  constructor(dev: NetDevice, flow: Flow) {
    this.#dev = dev;
    this.#flow = flow;
    this.#frames = templates(flow, dev.devAddr);
    this.#views = this.#frames.map((frame) => new DataView(frame.buffer));
    this.#limit = flow.count ?? Number.POSITIVE_INFINITY;
    this.#stampEvery = flow.stampEvery ?? 0;
  }

  /** Still to send. */
  get running(): boolean {
    return this.#running;
  }

  /** Frames that were to be sent so far; without a rate, those that were. */
  get intended(): number {
    const { rate } = this.#flow;
    if (rate === null) return this.sent;
    return Math.min(this.#limit, this.#dueAt(this.#running ? monotonic() : this.#end));
  }

  /** How long it has run. */
  get seconds(): number {
    return ((this.#running ? monotonic() : this.#end) - this.#start) / 1000;
  }

  start(): void {
    this.#running = true;
    this.#start = monotonic();
    setImmediate(this.#flow.rate === null ? this.#turn : this.#pacedTurn);
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#end = monotonic();
  }

  #dueAt(now: number): number {
    return Math.floor(((now - this.#start) / 1000) * this.#flow.rate!) + 1;
  }

  /** Stops at a stopped queue, be it by the driver or by its byte limit: the qdisc would hold and then drop the rest. */
  readonly #turn = (): void => {
    if (!this.#running) return;
    const sent = this.#burst(BURST);
    if (this.sent === this.#limit) this.stop();
    else if (sent > 0) setImmediate(this.#turn);
    else {
      this.stalls++;
      setTimeout(this.#turn, BACK_OFF_MS);
    }
  };

  readonly #pacedTurn = (): void => {
    if (!this.#running) return;
    const due = Math.min(this.#limit, this.#dueAt(monotonic()));
    const wanted = Math.min(BURST, due - this.sent);
    const full = this.#burst(wanted) < wanted;
    if (full) this.stalls++;
    if (this.sent === this.#limit) this.stop();
    else setImmediate(full || this.sent === due ? this.#rest : this.#pacedTurn);
  };

  /** After the turn's I/O: sleeps until more is due. */
  readonly #rest = (): void => {
    Atomics.wait(sleeper, 0, 0, PACE_MS);
    setImmediate(this.#pacedTurn);
  };

  #burst(most: number): number {
    const txq = this.#dev.txq[0]!;
    let sent = 0;
    while (sent < most && this.sent < this.#limit && !netifXmitStopped(txq) && this.#xmit()) {
      sent++;
      this.sent++;
    }
    return sent;
  }

  #xmit(): boolean {
    const frame = this.#frames[this.#next]!;
    const skb = this.#dev.net.pool.alloc(frame.length);
    if (skb === null) return false;
    const at = skb.put(frame.length);
    const view = this.#views[this.#next]!;
    if (skb.view !== null && frame.length <= WORDS_MAX) copyWords(view, 0, skb.view, at, frame.length);
    else copyBytes(frame, 0, skb.buf, at, frame.length);
    if (this.#stampEvery !== 0 && this.sent % this.#stampEvery === 0) this.#stamp(skb.buf, at + STAMP);
    if (++this.#next === this.#frames.length) this.#next = 0;
    skb.dev = this.#dev;
    devQueueXmit(skb);
    return true;
  }

  #stamp(buf: Uint8Array, at: number): void {
    const { rate } = this.#flow;
    const stamp = stampOf(rate === null ? monotonic() : this.#start + (this.sent / rate) * 1000);
    buf[at] = stamp >>> 24;
    buf[at + 1] = stamp >>> 16;
    buf[at + 2] = stamp >>> 8;
    buf[at + 3] = stamp;
  }
}
