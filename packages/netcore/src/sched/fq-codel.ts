/**
 * fq_codel: a queue for each flow, served in turns, each kept short by CoDel; flows that have just begun go first.
 * cf. RFC 8290, net/sched/sch_fq_codel.c
 *
 *   enqueue --hash--> flow --(was empty)--> new flows --(quantum used)--> old flows --> dequeue
 */

import { skbGetHash } from '../flow-dissector.ts';
import type { NetDevice } from '../net-device.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_CN, NET_XMIT_SUCCESS } from '../xmit.ts';
import { type CodelParams, CodelStats } from './codel.ts';
import { FlowList, type FlowOwner, FqCodelFlow } from './fq-codel-flow.ts';
import { dumpFqCodel, type FqCodelParams, fqCodelDefaults, readFqCodel } from './fq-codel-options.ts';
import { Qdisc, type QdiscOptions, TCQ_F_CAN_BYPASS } from './qdisc.ts';
import { qdiscTreeReduceBacklog } from './qdisc-tree.ts';

/** An skb costs this beside its bytes. */
const SKB_OVERHEAD = 576;

export class FqCodel extends Qdisc implements FlowOwner {
  readonly kind = 'fq_codel';
  override readonly classful = true;
  #params: FqCodelParams = fqCodelDefaults(0);
  #codel: CodelParams = { target: 0, interval: 0, ceThreshold: 0, mtu: 0, ecn: true };
  readonly #stats = new CodelStats();
  #flows: FqCodelFlow[] = [];
  readonly #newFlows = new FlowList();
  readonly #oldFlows = new FlowList();
  #perturbation = 0;
  #memory = 0;
  #newFlowCount = 0;
  #dropOverlimit = 0;
  #dropOvermemory = 0;
  /** What CoDel dropped since parents were told. */
  #unseen = 0;
  #unseenBytes = 0;

  override init(dev: NetDevice, options: QdiscOptions = {}): void {
    const mtu = dev.mtu + dev.hardHeaderLen;
    this.#configure(readFqCodel(options, fqCodelDefaults(mtu), false), mtu);
    this.#perturbation = Math.floor(dev.net.host.random() * 2 ** 32);
    this.#flows = Array.from({ length: this.#params.flows }, () => new FqCodelFlow(this));
  }

  override change(options: QdiscOptions): void {
    this.#configure(readFqCodel(options, this.#params, true), this.#codel.mtu);
    while (this.qlen > this.#params.limit || this.#memory > this.#params.memoryLimit) {
      if (this.#dropFattest(1) === null) break; // a batch might take more than has to go
    }
    this.#tellParents();
  }

  enqueue(skb: SkBuff): number {
    const len = skb.tail - skb.data;
    const flow = this.#flowOf(skb);
    skb.cb0 = this.txq!.dev.net.host.now();
    skb.cb1 = skb.end - skb.head + SKB_OVERHEAD;
    flow.add(skb);
    this.qlen++;
    this.backlog += len;
    this.#memory += skb.cb1;
    if (!flow.listed) this.#begin(flow);
    const overMemory = this.#memory > this.#params.memoryLimit;
    if (this.qlen <= this.#params.limit && !overMemory) return NET_XMIT_SUCCESS;
    return this.#makeRoom(flow, len, overMemory);
  }

  dequeue(): SkBuff | null {
    if (this.qlen === 0) return null;
    const now = this.txq!.dev.net.host.now();
    for (;;) {
      const fresh = this.#newFlows.first !== null;
      const flow = this.#newFlows.first ?? this.#oldFlows.first;
      if (flow === null) break;
      if (flow.deficit <= 0) {
        flow.deficit += this.#params.quantum;
        this.#moveToOld(fresh);
        continue;
      }
      const skb = flow.codel.dequeue(flow, this.#codel, this.#stats, now);
      if (skb !== null) return this.#send(skb, flow);
      // A new flow that ran dry passes the old ones once, so that it cannot stay new by sending little often.
      if (fresh && this.#oldFlows.first !== null) this.#moveToOld(true);
      else this.#unlist(fresh);
    }
    this.#tellParents();
    return null;
  }

  override reset(): void {
    for (const flow of this.#flows) flow.reset();
    this.#newFlows.clear();
    this.#oldFlows.clear();
    this.#memory = 0;
    super.reset();
  }

  override dump(): Record<string, unknown> {
    return dumpFqCodel(this.#params);
  }

  override dumpStats(): Record<string, number> {
    return {
      maxpacket: this.#stats.maxpacket,
      drop_overlimit: this.#dropOverlimit,
      new_flow_count: this.#newFlowCount,
      ecn_mark: this.#stats.ecnMark,
      ...(this.#stats.ceMark > 0 ? { ce_mark: this.#stats.ceMark } : {}),
      ...(this.#memory > 0 ? { memory_used: this.#memory } : {}),
      ...(this.#dropOvermemory > 0 ? { drop_overmemory: this.#dropOvermemory } : {}),
      new_flows_len: this.#newFlows.length,
      old_flows_len: this.#oldFlows.length,
    };
  }

  /** Out of a flow's queue, on its way out or to be dropped. */
  flowTook(len: number, memory: number): void {
    this.qlen--;
    this.backlog -= len;
    this.#memory -= memory;
  }

  flowDropped(len: number): void {
    this.drops++;
    this.#unseen++;
    this.#unseenBytes += len;
  }

  #configure(params: FqCodelParams, mtu: number): void {
    this.#params = params;
    const { target, interval, ceThreshold, ecn } = params;
    this.#codel = {
      target: target / 1000,
      interval: interval / 1000,
      ceThreshold: ceThreshold / 1000,
      mtu,
      ecn,
    };
    this.flags |= TCQ_F_CAN_BYPASS;
  }

  /** A priority may name a flow of this very qdisc by its class, from 1. cf. fq_codel_classify */
  #flowOf(skb: SkBuff): FqCodelFlow {
    const { priority } = skb;
    if (priority > 0xffff && priority >>> 16 === this.handle) {
      const flow = this.#flows[(priority & 0xffff) - 1];
      if (flow !== undefined) return flow;
    }
    const hash = skbGetHash(skb, this.#perturbation);
    return this.#flows[Math.floor((hash * this.#flows.length) / 2 ** 32)]!;
  }

  #begin(flow: FqCodelFlow): void {
    flow.listed = true;
    flow.deficit = this.#params.quantum;
    this.#newFlows.push(flow);
    this.#newFlowCount++;
  }

  #send(skb: SkBuff, flow: FqCodelFlow): SkBuff {
    const len = skb.tail - skb.data;
    flow.deficit -= len;
    this.qlen++; // left() takes it off again: flowTook has already
    this.backlog += len;
    this.left(skb);
    this.#tellParents();
    return skb;
  }

  #moveToOld(fresh: boolean): void {
    const flow = fresh ? this.#newFlows.shift() : this.#oldFlows.shift();
    this.#oldFlows.push(flow!);
  }

  #unlist(fresh: boolean): void {
    const flow = fresh ? this.#newFlows.shift() : this.#oldFlows.shift();
    flow!.listed = false;
  }

  /** Over a limit the flow that holds most pays, by up to a batch of frames or half of what it has. */
  #makeRoom(flow: FqCodelFlow, len: number, overMemory: boolean): number {
    const before = this.qlen;
    const fattest = this.#dropFattest(this.#params.dropBatch);
    const dropped = before - this.qlen;
    this.#dropOverlimit += dropped;
    if (overMemory) this.#dropOvermemory += dropped;
    if (fattest !== flow) {
      this.#tellParents();
      return NET_XMIT_SUCCESS;
    }
    // The sender's own flow: parents have not counted this frame yet, and will not.
    this.#unseen--;
    this.#unseenBytes -= len;
    this.#tellParents();
    return NET_XMIT_CN;
  }

  #dropFattest(batch: number): FqCodelFlow | null {
    let fattest: FqCodelFlow | null = null;
    for (const flow of this.#flows) if (flow.backlog > (fattest?.backlog ?? 0)) fattest = flow;
    if (fattest === null) return null;
    const enough = fattest.backlog / 2;
    const whole = fattest.backlog;
    let dropped = 0;
    do {
      const skb = fattest.take();
      if (skb === null) break;
      fattest.discard(skb);
      dropped++;
    } while (dropped < batch && whole - fattest.backlog < enough);
    fattest.codel.count += dropped;
    return fattest;
  }

  #tellParents(): void {
    if (this.#unseen === 0 && this.#unseenBytes === 0) return;
    qdiscTreeReduceBacklog(this, this.#unseen, this.#unseenBytes);
    this.#unseen = 0;
    this.#unseenBytes = 0;
  }
}
