/**
 * netem: a wire that is long, slow and unreliable. What becomes of a frame is netem-model.ts's to say; here frames wait.
 *
 *   enqueue --> judge --> lost | copy --> root again
 *                     \--> time queue --(due)--> child, if there is one --> dequeue
 *                      \-> head of all, when it jumps the queue
 *
 * cf. net/sched/sch_netem.c
 */
import { SKB_DROP_REASON_QDISC_DROP, SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import { Mulberry32 } from '../mulberry32.ts';
import type { NetDevice } from '../net-device.ts';
import { kfreeSkb } from '../skb-pool.ts';
import { SkbQueue } from '../skb-queue.ts';
import { CHECKSUM_PARTIAL, type SkBuff, skbIsGso, skbWireLen } from '../skbuff.ts';
import { skbChecksumHelp, skbGsoSegment } from '../validate-xmit.ts';
import { NET_XMIT_SUCCESS } from '../xmit.ts';
import { inetEcnIsCapable, inetEcnSetCe } from './inet-ecn.ts';
import { dumpNetem } from './netem-dump.ts';
import { NETEM_CORRUPT, NETEM_DUPLICATE, NETEM_LOST, NETEM_MARK, NetemModel } from './netem-model.ts';
import { NETEM_LIMIT, type NetemOptions, readNetem } from './netem-options.ts';
import { NETEM_NONE, type NetemParams } from './netem-params.ts';
import { NET_XMIT_BYPASS, Qdisc, type QdiscOptions } from './qdisc.ts';
import { invalid } from './qdisc-options.ts';
import { adopt, qdiscPut, qdiscRootOf, qdiscsOf, qdiscTreeReduceBacklog } from './qdisc-tree.ts';
import { QDISC_TIME_EPSILON, QdiscWatchdog } from './qdisc-watchdog.ts';
import { TimeQueue } from './time-queue.ts';

const SEEDS = 2 ** 32;

export class Netem extends Qdisc {
  readonly kind = 'netem';
  override readonly classful = true;
  readonly #watchdog = new QdiscWatchdog(this);
  readonly #model = new NetemModel(new Mulberry32(0));
  readonly #times = new TimeQueue();
  readonly #waiting: (SkBuff | null)[] = [];
  /** Those that jumped the queue, and those that need not wait. */
  readonly #ready = new SkbQueue();
  /** Settings that make frames wait. */
  #timed = false;
  #params: NetemParams = NETEM_NONE;
  #limit = NETEM_LIMIT;
  #seed = 0;
  #child: Qdisc | null = null;
  /** What has come: the clock, when it was read last. */
  #now = Number.NEGATIVE_INFINITY;
  /** A copy goes through the tree: it is not duplicated again. */
  #copying = false;

  override init(dev: NetDevice, options: QdiscOptions = {}): void {
    const read = readNetem(options);
    this.#checkTree(dev, read.params);
    this.#restart(read.seed ?? Math.floor(dev.net.host.random() * SEEDS));
    this.#configure(read);
  }

  /** What is inside keeps its time. Another seed begins another sequence; the same one, or none, goes on with its own. */
  override change(options: QdiscOptions): void {
    const read = readNetem(options);
    this.#checkTree(this.txq!.dev, read.params);
    if (read.seed !== undefined && read.seed !== this.#seed) this.#restart(read.seed);
    this.#configure(read);
  }

  enqueue(skb: SkBuff): number {
    const ect = this.#params.ecn && inetEcnIsCapable(skb.buf, skb.data, skb.tail);
    const verdict = this.#copying ? this.#model.judgeCopy(0, ect) : this.#model.judge(0, ect);
    if (verdict === NETEM_LOST) {
      this.drop(skb);
      return NET_XMIT_SUCCESS | NET_XMIT_BYPASS;
    }
    if ((verdict & NETEM_MARK) !== 0 && skb.cow()) inetEcnSetCe(skb.buf, skb.data, skb.tail);
    const copy = (verdict & NETEM_DUPLICATE) !== 0 && this.qlen < this.#limit ? skb.clone() : null;
    if ((verdict & NETEM_CORRUPT) !== 0) return this.#corrupt(skb, copy);
    return this.#accept(skb, copy);
  }

  dequeue(): SkBuff | null {
    for (;;) {
      const first = this.#ready.dequeue();
      if (first !== null) return this.left(first);
      const skb = this.#due();
      if (skb === null) return this.#fromChild();
      if (this.#child === null) return this.left(skb);
      this.#give(this.#child, skb);
    }
  }

  override reset(): void {
    this.#watchdog.cancel();
    this.#ready.purge(SKB_DROP_REASON_QUEUE_PURGE);
    for (let slot = this.#times.pop(); slot >= 0; slot = this.#times.pop()) {
      kfreeSkb(this.#waiting[slot]!, SKB_DROP_REASON_QUEUE_PURGE);
      this.#waiting[slot] = null;
    }
    this.#child?.reset();
    this.#model.reset();
    super.reset();
  }

  override hasClass(): boolean {
    return true;
  }

  override leaf(): Qdisc | null {
    return this.#child;
  }

  /** Any class is its one; the child shows the one it was asked for. */
  override graft(minor: number, fresh: Qdisc | null): void {
    const old = this.#child;
    this.#child = fresh;
    if (fresh !== null) adopt(this, minor, fresh);
    if (old !== null) qdiscPut(old);
  }

  override children(): readonly Qdisc[] {
    return this.#child === null ? [] : [this.#child];
  }

  override dump(): Record<string, unknown> {
    return dumpNetem(this.#params, this.#limit, this.#seed);
  }

  get duplicates(): boolean {
    return this.#params.duplicate > 0;
  }

  #configure({ params, limit }: NetemOptions): void {
    this.#params = params;
    this.#limit = limit;
    const { delay, jitter, rate, gap, slot } = params;
    this.#timed = delay > 0 || jitter > 0 || rate > 0 || gap > 0 || slot !== null;
    this.#model.configure(params);
  }

  #restart(seed: number): void {
    this.#seed = seed;
    this.#model.restart(new Mulberry32(seed));
  }

  /** Copies of copies would grow without end. cf. check_netem_in_tree */
  #checkTree(dev: NetDevice, { duplicate }: NetemParams): void {
    for (const q of qdiscsOf(dev)) {
      if (q === this || !(q instanceof Netem)) continue;
      if (duplicate > 0 || q.duplicates)
        throw invalid('netem: cannot mix duplicating netems with other netems in tree');
    }
  }

  #accept(skb: SkBuff, copy: SkBuff | null): number {
    if (this.qlen >= this.#limit) {
      if (copy !== null) kfreeSkb(copy, SKB_DROP_REASON_QDISC_DROP);
      return this.drop(skb);
    }
    if (copy !== null) this.#reenter(copy);
    this.qlen++;
    this.backlog += skb.tail - skb.data;
    // What is due at once goes by the time queue too where others wait there, and where a child has to get it.
    if (this.#timed || this.#times.length > 0 || this.#child !== null) this.#wait(skb);
    else this.#ready.enqueueTail(skb);
    return NET_XMIT_SUCCESS;
  }

  #wait(skb: SkBuff): void {
    const due = this.#model.due(skbWireLen(skb), this.txq!.dev.net.host.now());
    if (this.#model.jumped) {
      this.#ready.enqueueListHead(skb, skb, 1);
      this.requeues++;
    } else {
      this.#waiting[this.#times.push(due)] = skb;
    }
  }

  /** A copy is a frame of its own to all that stands above. */
  #reenter(copy: SkBuff): void {
    this.#copying = true;
    try {
      qdiscRootOf(this).enqueue(copy);
    } finally {
      this.#copying = false;
    }
  }

  /** Turns a bit over in bytes that are this frame's alone, when its checksum stands; of a super-frame, in its first segment. */
  #corrupt(whole: SkBuff, copy: SkBuff | null): number {
    const length = whole.tail - whole.data;
    const segments = skbIsGso(whole) ? skbGsoSegment(whole) : whole;
    if (segments === null) {
      if (copy !== null) kfreeSkb(copy, SKB_DROP_REASON_QDISC_DROP);
      return this.drop(whole);
    }
    const rest = segments.next;
    if (rest === null) return this.#corruptOne(segments, copy);
    segments.next = null;
    const first = segments.tail - segments.data;
    const rc = this.#corruptOne(segments, copy);
    return this.#acceptRest(rest, rc, length, rc === NET_XMIT_SUCCESS ? first : 0);
  }

  #corruptOne(skb: SkBuff, copy: SkBuff | null): number {
    const whole = skb.ipSummed !== CHECKSUM_PARTIAL || skbChecksumHelp(skb);
    if (!whole || !skb.cow()) {
      if (copy !== null) kfreeSkb(copy, SKB_DROP_REASON_QDISC_DROP);
      return this.drop(skb);
    }
    const bit = this.#model.corruptBit(skb.tail - skb.data);
    skb.buf[skb.data + (bit >> 3)]! ^= 1 << (bit & 7);
    return this.#accept(skb, copy);
  }

  /**
   * The other segments come in as frames of their own. Parents have counted one frame of `whole` bytes; `bytes` are of
   * the first, if it was taken. cf. finish_segs of netem_enqueue
   */
  #acceptRest(list: SkBuff, firstRc: number, whole: number, bytes: number): number {
    let n = firstRc === NET_XMIT_SUCCESS ? 1 : 0;
    let taken = bytes;
    for (let skb: SkBuff | null = list; skb !== null; ) {
      const next: SkBuff | null = skb.next;
      skb.next = null;
      const length = skb.tail - skb.data;
      if (this.enqueue(skb) === NET_XMIT_SUCCESS) {
        n++;
        taken += length;
      }
      skb = next;
    }
    if (n > 0) qdiscTreeReduceBacklog(this, 1 - n, whole - taken);
    return n > 0 ? NET_XMIT_SUCCESS : firstRc;
  }

  /** The first frame whose time has come. */
  #due(): SkBuff | null {
    if (this.#times.length === 0) return null;
    const due = this.#times.peek();
    if (due > this.#now) {
      // Read only for who is not due yet: a burst that leaves together costs the clock once.
      this.#now = this.txq!.dev.net.host.now() + QDISC_TIME_EPSILON;
      if (due > this.#now) return null;
    }
    const slot = this.#times.pop();
    const skb = this.#waiting[slot]!;
    this.#waiting[slot] = null;
    return skb;
  }

  #give(child: Qdisc, skb: SkBuff): void {
    const len = skb.tail - skb.data;
    if (child.enqueue(skb) === NET_XMIT_SUCCESS) return;
    this.drops++;
    this.qlen--;
    this.backlog -= len;
    qdiscTreeReduceBacklog(this, 1, len);
  }

  #fromChild(): SkBuff | null {
    const skb = this.#child?.dequeuePeeked() ?? null;
    if (skb !== null) return this.left(skb);
    if (this.#times.length > 0) this.#watchdog.schedule(this.#times.peek());
    return null;
  }
}
