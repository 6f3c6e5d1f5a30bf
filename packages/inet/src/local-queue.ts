/**
 * Packets from us to us: delivered at the end of the turn, so that two local sockets that answer each other
 * neither recurse nor starve the loop. The part of the loopback device that a stack cannot do without.
 */
import {
  type Host,
  kfreeSkb,
  type NetDevice,
  SKB_DROP_REASON_CPU_BACKLOG,
  SKB_DROP_REASON_QUEUE_PURGE,
  type SkBuff,
  SkbQueue,
} from '@etherloom/netcore';
import { ENOBUFS } from './errno.ts';
import type { InetStats } from './snmp.ts';

/** cf. net.core.netdev_max_backlog */
const MAX_BACKLOG = 1000;

export class LocalQueue {
  readonly #host: Host;
  readonly #stats: InetStats;
  readonly #deliver: (skb: SkBuff) => void;
  readonly #queue = new SkbQueue();
  readonly #run = () => this.#drain();
  #scheduled = false;

  constructor(host: Host, stats: InetStats, deliver: (skb: SkBuff) => void) {
    this.#host = host;
    this.#stats = stats;
    this.#deliver = deliver;
  }

  /** Consumes; `dev` is where the address lives, for the drop counters. */
  enqueue(skb: SkBuff, dev: NetDevice | null): number {
    skb.dev = dev;
    if (this.#queue.qlen >= MAX_BACKLOG) {
      this.#stats.IpOutDiscards++;
      kfreeSkb(skb, SKB_DROP_REASON_CPU_BACKLOG);
      return -ENOBUFS;
    }
    this.#queue.enqueueTail(skb);
    this.#schedule();
    return 0;
  }

  purge(): void {
    this.#queue.purge(SKB_DROP_REASON_QUEUE_PURGE);
  }

  /** What is queued now; what this queues in turn waits for the next turn. */
  #drain(): void {
    this.#scheduled = false;
    for (let n = this.#queue.qlen; n > 0; n--) {
      const skb = this.#queue.dequeue();
      if (skb === null) return;
      this.#deliver(skb);
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#host.endOfTurn(this.#run);
  }
}
