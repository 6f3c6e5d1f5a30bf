/**
 * tbf: a token bucket. Frames leave as fast as the bucket has room for; `peakrate` fills a second, small one.
 * Tokens are milliseconds of the rate. cf. net/sched/sch_tbf.c
 */
import type { NetDevice } from '../net-device.ts';
import { type SkBuff, skbIsGso, skbLongestSeg, skbWireLen } from '../skbuff.ts';
import { skbGsoSegment } from '../validate-xmit.ts';
import { NET_XMIT_DROP, NET_XMIT_SUCCESS } from '../xmit.ts';
import { Bfifo, fifoSetLimit } from './fifo.ts';
import { noopQdisc } from './noop.ts';
import { Qdisc, type QdiscOptions } from './qdisc.ts';
import { adopt, qdiscReplace, qdiscRootOf, qdiscTreeReduceBacklog } from './qdisc-tree.ts';
import { QDISC_TIME_EPSILON, QdiscWatchdog } from './qdisc-watchdog.ts';
import { dumpTbf, readTbf, TBF_NONE, type TbfParams, tbfTime } from './tbf-options.ts';

export class Tbf extends Qdisc {
  readonly kind = 'tbf';
  override readonly classful = true;
  readonly #watchdog = new QdiscWatchdog(this);
  #params: TbfParams = TBF_NONE;
  #child: Qdisc = noopQdisc;
  #tokens = 0;
  #peakTokens = 0;
  /** When tokens were counted last. */
  #checkpoint = 0;

  override init(dev: NetDevice, options: QdiscOptions = {}): void {
    this.#configure(readTbf(options), dev);
    this.#child = this.#defaultChild(dev);
    this.#checkpoint = dev.net.host.now();
  }

  override change(options: QdiscOptions): void {
    const { dev } = this.txq!;
    this.#configure(readTbf(options), dev);
    // Its child may have been deleted.
    if (this.#child === noopQdisc) this.#child = this.#defaultChild(dev);
    else fifoSetLimit(this.#child, this.#params.limit);
    // The bucket is full again: what waits need not until the moment that the old rate set.
    dev.net.softirq.netifSchedule(qdiscRootOf(this));
  }

  enqueue(skb: SkBuff): number {
    if (skbWireLen(skb) <= this.#params.maxSize) return this.#pass(skb);
    if (skbIsGso(skb) && skbLongestSeg(skb) <= this.#params.maxSize) return this.#segment(skb);
    return this.drop(skb);
  }

  dequeue(): SkBuff | null {
    const skb = this.#child.peek();
    if (skb === null) return null;
    const now = this.txq!.dev.net.host.now();
    const passed = now - this.#checkpoint;
    const { rate, peakrate, burst, minburst } = this.#params;
    // What was let in under a larger bucket takes a full one: Linux would keep it, and all behind it, for ever.
    const len = Math.min(skbWireLen(skb), this.#params.maxSize);
    const tokens =
      Math.min(passed + this.#tokens, tbfTime(this.#params, rate, burst)) - tbfTime(this.#params, rate, len);
    let peak = 0;
    if (peakrate > 0) {
      peak = Math.min(passed + this.#peakTokens, tbfTime(this.#params, peakrate, minburst));
      peak -= tbfTime(this.#params, peakrate, len);
    }
    const lack = -Math.min(tokens, peak);
    if (lack > QDISC_TIME_EPSILON) {
      this.#watchdog.schedule(now + lack);
      this.overlimits++;
      return null;
    }
    this.#checkpoint = now;
    this.#tokens = tokens;
    this.#peakTokens = peak;
    return this.left(this.#child.dequeuePeeked()!);
  }

  override reset(): void {
    this.#watchdog.cancel();
    this.#child.reset();
    super.reset();
    this.#fill();
  }

  override hasClass(): boolean {
    return true;
  }

  override leaf(): Qdisc {
    return this.#child;
  }

  /** Any class is its one; the child shows the one it was asked for. */
  override graft(minor: number, fresh: Qdisc | null): void {
    const old = this.#child;
    this.#child = fresh ?? noopQdisc;
    qdiscReplace(this, minor, this.#child, old);
  }

  override children(): readonly Qdisc[] {
    return this.#child === noopQdisc ? [] : [this.#child];
  }

  override dump(): Record<string, unknown> {
    return dumpTbf(this.#params);
  }

  /** Both buckets begin full. */
  #configure(params: TbfParams, { name, mtu, hardHeaderLen, net }: NetDevice): void {
    this.#params = params;
    this.#fill();
    const frame = mtu + hardHeaderLen;
    if (params.maxSize < frame)
      net.printk(`sch_tbf: burst ${params.maxSize} is lower than device ${name} mtu (${frame}) !`);
  }

  #defaultChild(dev: NetDevice): Qdisc {
    const child = new Bfifo();
    child.invisible = true;
    adopt(this, 1, child);
    child.init(dev, { limit: this.#params.limit });
    return child;
  }

  #fill(): void {
    const { rate, burst, peakrate, minburst } = this.#params;
    this.#tokens = tbfTime(this.#params, rate, burst);
    this.#peakTokens = peakrate > 0 ? tbfTime(this.#params, peakrate, minburst) : 0;
    this.#checkpoint = this.txq?.dev.net.host.now() ?? 0;
  }

  #pass(skb: SkBuff): number {
    const len = skb.tail - skb.data;
    const rc = this.#child.enqueue(skb);
    if (rc === NET_XMIT_SUCCESS) {
      this.qlen++;
      this.backlog += len;
    } else {
      this.drops++;
    }
    return rc;
  }

  /** A super-frame that is larger than the bucket passes as its segments, none of which is. cf. tbf_segment */
  #segment(skb: SkBuff): number {
    const whole = skb.tail - skb.data;
    let segment = skbGsoSegment(skb);
    if (segment === null) return this.drop(skb);
    let n = 0;
    let taken = 0;
    while (segment !== null) {
      const next: SkBuff | null = segment.next;
      segment.next = null;
      const len = segment.tail - segment.data;
      if (this.#pass(segment) === NET_XMIT_SUCCESS) {
        n++;
        taken += len;
      }
      segment = next;
    }
    if (n === 0) return NET_XMIT_DROP;
    qdiscTreeReduceBacklog(this, 1 - n, whole - taken);
    return NET_XMIT_SUCCESS;
  }
}
