/**
 * wslink, transmit side: descriptors, one doorbell a turn, completions.
 *
 *   ndoStartXmit -> ring -> doorbell -> batch buffers, on loan to the cable until it says `sent`
 *
 * The doorbell waits for the end of the event-loop turn, so all that was queued in the turn leaves in one message.
 * While the cable has more than its high-water mark under way, frames stay in the ring and the queue is stopped:
 * nothing is dropped here but what no cable can carry, and what a broken cable had not taken.
 */
import {
  consumeSkb,
  kfreeSkb,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  netdevTxCompletedQueue,
  netdevTxSentQueue,
  netifTxQueueStopped,
  netifTxStopQueue,
  netifTxWakeQueue,
  PtrRing,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_PKT_TOO_BIG,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  type SkBuff,
  type SkbDropReason,
  skbIsGso,
  skbSegs,
  virtioNetHdrFromSkb,
} from '@etherloom/netcore';
import {
  BatchWriter,
  MAX_BATCH,
  MAX_FRAME,
  MIN_FRAME,
  runBytes,
  SEND_HEADROOM,
  type Transport,
  VNET_SKIP,
} from '@etherloom/transport';

export const TX_RING_DEFAULT = 1024;
export const TX_RING_MAX = 4096;

export class WslinkTx {
  ring = new PtrRing<SkBuff>(TX_RING_DEFAULT);
  /** Frames ever handed to the cable. */
  cableFrames = 0;
  messages = 0;
  doorbells = 0;
  stops = 0;
  wakes = 0;
  timeouts = 0;
  /** The most frames that one message took. */
  maxBatch = 0;
  /** Super-frames sent, and the segments they had. */
  gsoFrames = 0;
  gsoSegments = 0;
  /** Bytes before each frame of the cable: VNET_SKIP or 0. What is in the ring may be sent so. */
  skip = 0;
  readonly #dev: NetDevice;
  readonly #transport: Transport;
  readonly #batches: BatchWriter[] = [];
  readonly #free: number[] = [];
  readonly #maxBatches: number;
  readonly #doorbell = () => this.#dev.net.irq(this.#consume);
  readonly #consume = () => this.#onDoorbell();
  #rung = false;
  #sending = false;
  #doneFrames = 0;
  #doneBytes = 0;

  constructor(dev: NetDevice, transport: Transport) {
    this.#dev = dev;
    this.#transport = transport;
    this.#maxBatches = Math.ceil(transport.highWater / MAX_BATCH) + 1;
  }

  /** ndoStartXmit. */
  post(skb: SkBuff): NetdevTx {
    const dev = this.#dev;
    const len = skb.tail - skb.data;
    if (len < MIN_FRAME || len > MAX_FRAME) return this.#refuse(skb, len);
    const txq = dev.txq[0]!;
    if (!this.ring.produce(skb)) {
      this.#stop();
      return NETDEV_TX_BUSY;
    }
    netdevTxSentQueue(txq, len);
    if (this.ring.full) this.#stop();
    this.ringDoorbell();
    return NETDEV_TX_OK;
  }

  /** Has the ring emptied at the end of this turn. */
  ringDoorbell(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#dev.net.host.endOfTurn(this.#doorbell);
  }

  /** The cable gave a buffer back: a transmit-complete interrupt. */
  sent(token: number): void {
    this.#free.push(token);
    if (this.#sending) return; // who sends looks for himself
    if (this.ring.length > 0) this.ringDoorbell();
    else if (this.#mayWake()) this.#wake();
  }

  /** Frees what the cable has not taken; the caller counts what it means. Returns how many frames that were. */
  purge(reason: SkbDropReason): number {
    let frames = 0;
    let skbs = 0;
    let bytes = 0;
    for (let skb = this.ring.consume(); skb !== null; skb = this.ring.consume()) {
      frames += skbSegs(skb);
      bytes += skb.len;
      skbs++;
      kfreeSkb(skb, reason);
    }
    netdevTxCompletedQueue(this.#dev.txq[0]!, skbs, bytes);
    if (this.#mayWake()) this.#wake();
    return frames;
  }

  /** The wire went while frames waited for it. */
  lose(): void {
    this.#countLost(this.purge(SKB_DROP_REASON_DEV_CARRIER));
  }

  /** Replaces the ring; what it held moves over. */
  resize(size: number): void {
    const old = this.ring;
    this.ring = new PtrRing<SkBuff>(Math.max(size, old.length));
    for (let skb = old.consume(); skb !== null; skb = old.consume()) this.ring.produce(skb);
    if (this.ring.full) this.#stop();
    else if (this.#mayWake()) this.#wake();
  }

  #onDoorbell(): void {
    this.#rung = false;
    if (this.ring.length === 0) return;
    this.doorbells++;
    if (!this.#transport.up) {
      this.lose();
      return;
    }
    this.#doneFrames = 0;
    this.#doneBytes = 0;
    let congested = false;
    this.#sending = true;
    while (!congested && this.ring.length > 0) congested = !this.#sendBatch();
    this.#sending = false;
    if (congested) this.#stop();
    netdevTxCompletedQueue(this.#dev.txq[0]!, this.#doneFrames, this.#doneBytes);
    if (!congested && this.#mayWake()) this.#wake();
  }

  /** Fills a buffer from the ring and lends it to the cable; false when the cable can take no more now. */
  #sendBatch(): boolean {
    if (this.#transport.pending > this.#transport.highWater) return false;
    const token = this.#takeBatch();
    if (token < 0) return false;
    const batch = this.#batches[token]!;
    if (this.skip === 0) this.#fill(batch);
    else this.#fillVnet(batch);
    if (!this.#transport.send(batch.buf, 0, batch.length, token, SEND_HEADROOM)) {
      // It went down in this very turn: linkDown is on its way, and these frames were on the wire.
      this.#free.push(token);
      this.#countLost(batch.frames);
      this.#dev.drops[SKB_DROP_REASON_DEV_CARRIER]! += batch.frames;
      return false;
    }
    this.messages++;
    if (batch.frames > this.maxBatch) this.maxBatch = batch.frames;
    this.cableFrames += batch.frames;
    this.#dev.stats.txPackets += batch.frames;
    this.#dev.stats.txBytes += runBytes(batch.buf, 0, batch.length, batch.frames, this.skip);
    return true;
  }

  #countLost(frames: number): void {
    this.#dev.stats.txErrors += frames;
    this.#dev.stats.txCarrierErrors += frames;
  }

  #fill(batch: BatchWriter): void {
    batch.reset();
    const ring = this.ring;
    for (let skb = ring.peek(); skb !== null; skb = ring.peek()) {
      if (!batch.append(skb.buf, skb.data, skb.tail - skb.data, skb.view)) break;
      ring.consume();
      this.#doneFrames++;
      this.#doneBytes += skb.tail - skb.data;
      consumeSkb(skb);
    }
  }

  #fillVnet(batch: BatchWriter): void {
    batch.reset();
    const ring = this.ring;
    for (let skb = ring.peek(); skb !== null; skb = ring.peek()) {
      const len = skb.tail - skb.data;
      if (!batch.append(skb.buf, skb.data, len, skb.view, VNET_SKIP)) break;
      virtioNetHdrFromSkb(skb, batch.buf, batch.length - len - VNET_SKIP);
      ring.consume();
      if (skbIsGso(skb)) this.#countGso(batch, skb.gsoSegs);
      this.#doneFrames++;
      this.#doneBytes += len;
      consumeSkb(skb);
    }
  }

  #countGso(batch: BatchWriter, segments: number): void {
    this.gsoFrames++;
    this.gsoSegments += segments;
    batch.frames += segments - 1;
  }

  #takeBatch(): number {
    if (this.#free.length > 0) return this.#free.pop()!;
    if (this.#batches.length === this.#maxBatches) return -1;
    return this.#batches.push(new BatchWriter()) - 1;
  }

  #mayWake(): boolean {
    return !this.ring.full && this.#transport.pending <= this.#transport.highWater;
  }

  #stop(): void {
    const txq = this.#dev.txq[0]!;
    if (netifTxQueueStopped(txq)) return;
    this.stops++;
    netifTxStopQueue(txq);
  }

  #wake(): void {
    const txq = this.#dev.txq[0]!;
    if (!netifTxQueueStopped(txq)) return;
    this.wakes++;
    netifTxWakeQueue(txq);
  }

  #refuse(skb: SkBuff, len: number): NetdevTx {
    this.#dev.stats.txDropped += skbSegs(skb);
    kfreeSkb(skb, len < MIN_FRAME ? SKB_DROP_REASON_PKT_TOO_SMALL : SKB_DROP_REASON_PKT_TOO_BIG);
    return NETDEV_TX_OK;
  }
}
