/**
 * wslink, transmit side: descriptors, one doorbell a turn, completions.
 *
 *   ndoStartXmit -> ring -> fetch -> open batch -> doorbell -> on loan to the cable until it says `sent`
 *
 * Like a NIC that fetches descriptors while the driver still posts, it empties the ring each 64 frames, so that a long
 * burst goes round in a few warm skbs; what is fetched waits for the doorbell, unless it fills a batch. The doorbell
 * waits for the end of the event-loop turn, so all that was queued in the turn leaves in one message.
 * While the cable has more than its high-water mark under way, frames stay in the ring and the queue is stopped:
 * nothing is dropped here but what no cable can carry, and what a broken cable had not taken.
 *
 * `ethtool -C` moves the doorbell: tx-frames rings it at so many frames, tx-usecs so long after the first of them.
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
import { clearAlarm, setAlarm } from './wslink-alarm.ts';

export const TX_RING_DEFAULT = 1024;
export const TX_RING_MAX = 4096;
/** Descriptors that are fetched at once. A power of two. */
const FETCH = 64;

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
  readonly #alarmed = () => {
    this.#alarm = null;
    this.#doorbell();
  };
  readonly #consume = () => this.#onDoorbell();
  #rung = false;
  #sending = false;
  #usecs = 0;
  #maxFrames = 0;
  /** Not by turn alone. */
  #coalesced = false;
  /** Posted since the last doorbell; counted only while coalesced. */
  #posted = 0;
  #alarm: unknown = null;
  /** The batch being filled, on no loan yet; -1 when there is none. */
  #open = -1;
  /** Fetched since the last completion. */
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
    if ((this.ring.length & (FETCH - 1)) === 0 && this.#transport.up) this.#fetch();
    if (this.ring.full) this.#stop();
    if (this.#coalesced) this.#coalesce();
    else this.ringDoorbell();
    return NETDEV_TX_OK;
  }

  /** The doorbell rings `usecs` after a frame, 0: at the end of its turn; at `maxFrames` frames at once, 0: at no number. */
  setCoalesce(usecs: number, maxFrames: number): void {
    this.#disarm();
    this.#usecs = usecs;
    this.#maxFrames = maxFrames;
    this.#coalesced = usecs > 0 || maxFrames > 0;
    if (this.#loaded) this.ringDoorbell();
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
    if (this.#loaded) this.ringDoorbell();
    else if (this.#mayWake()) this.#wake();
  }

  /** Frees what the cable has not taken; the caller counts what it means. Returns how many frames that were. */
  purge(reason: SkbDropReason): number {
    this.#disarm();
    let frames = this.#discard(reason);
    for (let skb = this.ring.consume(); skb !== null; skb = this.ring.consume()) {
      frames += skbSegs(skb);
      this.#doneBytes += skb.len;
      this.#doneFrames++;
      kfreeSkb(skb, reason);
    }
    this.#complete();
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

  #coalesce(): void {
    this.#posted++;
    if (this.#posted === this.#maxFrames) this.#onDoorbell();
    else if (this.#usecs === 0) this.ringDoorbell();
    else this.#alarm ??= setAlarm(this.#dev, this.#alarmed, this.#usecs);
  }

  #disarm(): void {
    this.#posted = 0;
    clearAlarm(this.#dev, this.#alarm);
    this.#alarm = null;
  }

  get #loaded(): boolean {
    return this.#open >= 0 || this.ring.length > 0;
  }

  #onDoorbell(): void {
    this.#rung = false;
    if (this.#coalesced) this.#disarm();
    if (!this.#loaded) return;
    this.doorbells++;
    if (!this.#transport.up) {
      this.lose();
      return;
    }
    const sent = this.#fetch() && (this.#open < 0 || this.#sendOpen());
    if (!sent) this.#stop();
    this.#complete();
    if (sent && this.#mayWake()) this.#wake();
  }

  /**
   * Takes frames out of the ring while they are warm in the caches, into the open batch; a batch that is full leaves.
   * False when the cable can take no more now.
   */
  #fetch(): boolean {
    while (this.ring.length > 0) {
      if (this.#open < 0 && !this.#openBatch()) return false;
      const batch = this.#batches[this.#open]!;
      if (this.skip === 0) this.#fill(batch);
      else this.#fillVnet(batch);
      if (this.ring.length > 0 && !this.#sendOpen()) return false;
    }
    return true;
  }

  #openBatch(): boolean {
    if (this.#transport.pending > this.#transport.highWater) return false;
    this.#open = this.#takeBatch();
    if (this.#open < 0) return false;
    this.#batches[this.#open]!.reset();
    return true;
  }

  /** Lends the open batch to the cable; false when that has gone. */
  #sendOpen(): boolean {
    const token = this.#open;
    const batch = this.#batches[token]!;
    this.#open = -1;
    this.#sending = true;
    const lent = this.#transport.send(batch.buf, 0, batch.length, token, SEND_HEADROOM);
    this.#sending = false;
    if (!lent) {
      // It went down in this very turn: linkDown is on its way, and these frames were on the wire.
      this.#open = token;
      this.#countLost(this.#discard(SKB_DROP_REASON_DEV_CARRIER));
      return false;
    }
    this.messages++;
    if (batch.frames > this.maxBatch) this.maxBatch = batch.frames;
    this.cableFrames += batch.frames;
    this.#dev.stats.txPackets += batch.frames;
    this.#dev.stats.txBytes += runBytes(batch.buf, 0, batch.length, batch.frames, this.skip);
    return true;
  }

  /** Drops what is in the open batch; returns how many frames that were. */
  #discard(reason: SkbDropReason): number {
    if (this.#open < 0) return 0;
    const { frames } = this.#batches[this.#open]!;
    this.#free.push(this.#open);
    this.#open = -1;
    this.#dev.drops[reason]! += frames;
    return frames;
  }

  /** A transmit-complete for all that was fetched. */
  #complete(): void {
    netdevTxCompletedQueue(this.#dev.txq[0]!, this.#doneFrames, this.#doneBytes);
    this.#doneFrames = 0;
    this.#doneBytes = 0;
  }

  #countLost(frames: number): void {
    this.#dev.stats.txErrors += frames;
    this.#dev.stats.txCarrierErrors += frames;
  }

  #fill(batch: BatchWriter): void {
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
