/** Frames handed over by netifRx, for devices that have no NAPI of their own. cf. enqueue_to_backlog, process_backlog */
import { SKB_DROP_REASON_CPU_BACKLOG, SKB_DROP_REASON_DEV_READY } from './drop-reason.ts';
import { NAPI_POLL_WEIGHT, Napi } from './napi.ts';
import { type NetDevice, netifRunning } from './net-device.ts';
import { netifReceiveSkb } from './receive.ts';
import { kfreeSkb } from './skb-pool.ts';
import { SkbQueue } from './skb-queue.ts';
import type { SkBuff } from './skbuff.ts';
import type { Softirq } from './softirq.ts';
import { NET_RX_DROP, NET_RX_SUCCESS } from './xmit.ts';

export class Backlog {
  netdevMaxBacklog = 1000;
  dropped = 0;
  readonly #napi: Napi;
  #queue = new SkbQueue();

  constructor(softirq: Softirq) {
    this.#napi = new Napi(softirq, null, (napi, budget) => this.#process(napi, budget), NAPI_POLL_WEIGHT);
    this.#napi.enable();
  }

  enqueue(skb: SkBuff, dev: NetDevice): number {
    if (!netifRunning(dev)) return this.#drop(skb, dev, SKB_DROP_REASON_DEV_READY);
    if (this.#queue.qlen >= this.netdevMaxBacklog) {
      this.dropped++;
      return this.#drop(skb, dev, SKB_DROP_REASON_CPU_BACKLOG);
    }
    this.#queue.enqueueTail(skb);
    if (this.#queue.qlen === 1) this.#napi.schedule();
    return NET_RX_SUCCESS;
  }

  /** Drops what a device that goes away still has here. cf. flush_backlog */
  flush(dev: NetDevice): void {
    const kept = new SkbQueue();
    for (let skb = this.#queue.dequeue(); skb !== null; skb = this.#queue.dequeue()) {
      if (skb.dev === dev) kfreeSkb(skb, SKB_DROP_REASON_DEV_READY);
      else kept.enqueueTail(skb);
    }
    this.#queue = kept;
  }

  #process(napi: Napi, budget: number): number {
    let work = 0;
    while (work < budget) {
      const skb = this.#queue.dequeue();
      if (skb === null) {
        napi.completeDone(work);
        return work;
      }
      netifReceiveSkb(skb);
      work++;
    }
    return work;
  }

  #drop(skb: SkBuff, dev: NetDevice, reason: number): number {
    dev.stats.rxDropped++;
    kfreeSkb(skb, reason);
    return NET_RX_DROP;
  }
}

/** Queues a received frame for the next softirq; NET_RX_DROP when the backlog is full or the device is down. */
export function netifRx(skb: SkBuff): number {
  const dev = skb.dev!;
  return dev.net.backlog.enqueue(skb, dev);
}
