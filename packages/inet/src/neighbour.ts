/**
 * Neighbours: who has an IP address, and the packets that wait to know. cf. net/core/neighbour.c
 *
 *   NONE -> INCOMPLETE -> REACHABLE -> STALE -> DELAY -> PROBE -> REACHABLE
 *               |  (3 broadcasts)                          |  (3 unicasts)
 *               +-------------> FAILED <-------------------+
 *
 * Ageing from REACHABLE to STALE is found out on use, without a timer.
 */
import { ETH_HLEN, ETH_P_IP, etherAddrCopy, etherAddrEqual, putEthHeader } from '@etherloom/frame';
import {
  devQueueXmit,
  type Host,
  IFF_NOARP,
  kfreeSkb,
  NET_XMIT_DROP,
  SKB_DROP_REASON_NEIGH_CREATEFAIL,
  SKB_DROP_REASON_NEIGH_FAILED,
  SKB_DROP_REASON_NEIGH_QUEUEFULL,
  SKB_DROP_REASON_NOMEM,
  type SkBuff,
  SkbQueue,
} from '@etherloom/netcore';
import { ENETDOWN, ENOBUFS } from './errno.ts';
import type { InDevice } from './in-device.ts';
import type { InetStats } from './snmp.ts';

export const NUD_NONE = 0x00;
export const NUD_INCOMPLETE = 0x01;
export const NUD_REACHABLE = 0x02;
export const NUD_STALE = 0x04;
export const NUD_DELAY = 0x08;
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
export const NUD_NOARP = 0x40;

/** As `ip neigh` prints them. */
export const NUD_STATE_NAMES: ReadonlyMap<number, string> = new Map([
  [NUD_NONE, 'NONE'],
  [NUD_INCOMPLETE, 'INCOMPLETE'],
  [NUD_REACHABLE, 'REACHABLE'],
  [NUD_STALE, 'STALE'],
  [NUD_DELAY, 'DELAY'],
  [NUD_PROBE, 'PROBE'],
  [NUD_FAILED, 'FAILED'],
  [NUD_NOARP, 'NOARP'],
]);

const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_DELAY | NUD_PROBE;
const NUD_CONNECTED = NUD_REACHABLE | NUD_NOARP;
const NUD_VALID = NUD_CONNECTED | NUD_STALE | NUD_DELAY | NUD_PROBE;

/** Milliseconds. cf. /proc/sys/net/ipv4/neigh/default */
export const NEIGH_RETRANS_TIME = 1_000;
export const NEIGH_REACHABLE_TIME = 30_000;
export const NEIGH_DELAY_PROBE_TIME = 5_000;
/** A changed MAC is believed only when the last one is this old. */
export const NEIGH_LOCKTIME = 1_000;
export const NEIGH_MAX_PROBES = 3;
/** Packets that wait for one neighbour; the oldest gives way. */
export const NEIGH_UNRES_QLEN = 128;
export const NEIGH_MAX_ENTRIES = 1024;

export class Neighbour {
  readonly idev: InDevice;
  readonly ip: number;
  readonly ha = new Uint8Array(6);
  state = NUD_NONE;
  confirmed = 0;
  updated = 0;
  used = 0;
  probes = 0;
  timer: unknown = null;
  readonly queue = new SkbQueue();
  readonly onTimer: () => void;

  constructor(idev: InDevice, ip: number, onTimer: (neigh: Neighbour) => void) {
    this.idev = idev;
    this.ip = ip;
    this.onTimer = () => onTimer(this);
  }

  get valid(): boolean {
    return (this.state & NUD_VALID) !== 0;
  }
}

export interface NeighOps {
  /** Asks for neigh.ip: everybody while it is INCOMPLETE, neigh.ha when it is being probed. */
  solicit(neigh: Neighbour): void;
  /** Tells the sender that `skb` will not arrive; borrows it. */
  errorReport(skb: SkBuff): void;
}

export class NeighTable {
  readonly #host: Host;
  readonly #stats: InetStats;
  readonly #ops: NeighOps;
  #entries = 0;

  constructor(host: Host, stats: InetStats, ops: NeighOps) {
    this.#host = host;
    this.#stats = stats;
    this.#ops = ops;
  }

  lookup(idev: InDevice, ip: number): Neighbour | undefined {
    return idev.neighbours.get(ip);
  }

  /** Finds or makes; null when the table is full of neighbours in use. */
  create(idev: InDevice, ip: number): Neighbour | null {
    const known = idev.neighbours.get(ip);
    if (known !== undefined) return known;
    if (this.#entries >= NEIGH_MAX_ENTRIES && !this.#evict(idev)) {
      this.#stats.ArpTableFulls++;
      return null;
    }
    const neigh = new Neighbour(idev, ip, (n) => this.#timeout(n));
    neigh.used = this.#host.now();
    neigh.updated = neigh.used;
    // As in neigh_alloc: nobody has confirmed it, so it counts as long ago.
    neigh.confirmed = neigh.used - 2 * NEIGH_REACHABLE_TIME;
    if ((idev.dev.flags & IFF_NOARP) !== 0) {
      neigh.state = NUD_NOARP;
      etherAddrCopy(neigh.ha, 0, idev.dev.devAddr, 0);
    }
    idev.neighbours.set(ip, neigh);
    this.#entries++;
    return neigh;
  }

  /** Sends an IP packet to a neighbour, at once or when it has answered. Consumes. cf. neigh_resolve_output */
  output(idev: InDevice, ip: number, skb: SkBuff): number {
    const neigh = idev.neighbours.get(ip) ?? this.create(idev, ip);
    if (neigh === null) {
      kfreeSkb(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
      return -ENOBUFS;
    }
    if (this.#use(neigh)) return neighXmit(idev, skb, neigh.ha);
    this.#wait(neigh, skb);
    return 0;
  }

  /** Takes in what was heard of a neighbour. cf. neigh_update */
  update(neigh: Neighbour, ha: Uint8Array, haAt: number, state: number): void {
    const now = this.#host.now();
    const same = neigh.valid && etherAddrEqual(neigh.ha, 0, ha, haAt);
    if (state === NUD_REACHABLE) neigh.confirmed = now;
    if (same && state === NUD_STALE && (neigh.state & NUD_IN_TIMER) === 0) return;
    if (!same) {
      etherAddrCopy(neigh.ha, 0, ha, haAt);
      neigh.updated = now;
    }
    this.#setState(neigh, state);
    this.#flushQueue(neigh);
  }

  /** What `ip neigh` shows: ageing is applied first. */
  stateOf(neigh: Neighbour): number {
    const aged = this.#host.now() - neigh.confirmed > NEIGH_REACHABLE_TIME;
    return neigh.state === NUD_REACHABLE && aged ? NUD_STALE : neigh.state;
  }

  /** Whole seconds since it was used, confirmed and changed. */
  agesOf({ used, confirmed, updated }: Neighbour): { used: number; confirmed: number; updated: number } {
    const now = this.#host.now();
    const age = (at: number) => Math.floor((now - at) / 1_000);
    return { used: age(used), confirmed: age(confirmed), updated: age(updated) };
  }

  /** Forgets the neighbours of a device: it went away, or its cable did. */
  flush(idev: InDevice): void {
    for (const neigh of idev.neighbours.values()) this.#remove(neigh);
  }

  /** Whether the address is known well enough to send now; starts the checks that use asks for. */
  #use(neigh: Neighbour): boolean {
    const now = this.#host.now();
    neigh.used = now;
    if (neigh.state === NUD_REACHABLE && now - neigh.confirmed <= NEIGH_REACHABLE_TIME) return true;
    if (neigh.state === NUD_REACHABLE || neigh.state === NUD_STALE) {
      this.#setState(neigh, NUD_DELAY);
      this.#arm(neigh, NEIGH_DELAY_PROBE_TIME);
    }
    return neigh.valid;
  }

  #wait(neigh: Neighbour, skb: SkBuff): void {
    if (neigh.queue.qlen >= NEIGH_UNRES_QLEN) {
      this.#stats.ArpUnresolvedDiscards++;
      kfreeSkb(neigh.queue.dequeue()!, SKB_DROP_REASON_NEIGH_QUEUEFULL);
    }
    neigh.queue.enqueueTail(skb);
    if (neigh.state !== NUD_INCOMPLETE) this.#probe(neigh, NUD_INCOMPLETE);
  }

  #probe(neigh: Neighbour, state: number): void {
    this.#setState(neigh, state);
    neigh.probes = 0;
    this.#solicit(neigh);
  }

  #solicit(neigh: Neighbour): void {
    neigh.probes++;
    this.#arm(neigh, NEIGH_RETRANS_TIME);
    this.#ops.solicit(neigh);
  }

  #timeout(neigh: Neighbour): void {
    neigh.timer = null;
    if (neigh.state === NUD_DELAY) this.#probe(neigh, NUD_PROBE);
    else if (neigh.probes < NEIGH_MAX_PROBES) this.#solicit(neigh);
    else this.#fail(neigh);
  }

  #fail(neigh: Neighbour): void {
    this.#setState(neigh, NUD_FAILED);
    this.#stats.ArpResFailed++;
    this.#failQueue(neigh);
  }

  #failQueue(neigh: Neighbour): void {
    // An error may make its hearer send again, which starts a new INCOMPLETE: only these packets fail.
    for (let n = neigh.queue.qlen; n > 0; n--) {
      const skb = neigh.queue.dequeue()!;
      this.#ops.errorReport(skb);
      kfreeSkb(skb, SKB_DROP_REASON_NEIGH_FAILED);
    }
  }

  #flushQueue(neigh: Neighbour): void {
    for (let skb = neigh.queue.dequeue(); skb !== null; skb = neigh.queue.dequeue()) {
      neighXmit(neigh.idev, skb, neigh.ha);
    }
  }

  #setState(neigh: Neighbour, state: number): void {
    if (neigh.timer !== null) this.#host.clearTimer(neigh.timer);
    neigh.timer = null;
    neigh.state = state;
  }

  #arm(neigh: Neighbour, delay: number): void {
    if (neigh.timer !== null) this.#host.clearTimer(neigh.timer);
    neigh.timer = this.#host.setTimer(neigh.onTimer, delay);
  }

  #remove(neigh: Neighbour): void {
    this.#setState(neigh, NUD_FAILED);
    this.#failQueue(neigh);
    if (neigh.idev.neighbours.delete(neigh.ip)) this.#entries--;
  }

  /** Drops the neighbour of this device that nobody used for longest; false when all are being asked for. */
  #evict(idev: InDevice): boolean {
    let oldest: Neighbour | null = null;
    for (const neigh of idev.neighbours.values()) {
      const idle = (neigh.state & NUD_IN_TIMER) === 0;
      if (idle && (oldest === null || neigh.used < oldest.used)) oldest = neigh;
    }
    if (oldest !== null) this.#remove(oldest);
    return oldest !== null;
  }
}

/** Puts the Ethernet header on and sends. Consumes; 0 or a negative errno. */
export function neighXmit(idev: InDevice, skb: SkBuff, ha: Uint8Array): number {
  const dev = idev.dev;
  if (!skb.cow(ETH_HLEN)) {
    kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
    return -ENOBUFS;
  }
  putEthHeader(skb.buf, skb.push(ETH_HLEN), ha, 0, dev.devAddr, 0, ETH_P_IP);
  const rc = devQueueXmit(skb);
  if (rc < 0) return -ENETDOWN;
  return rc === NET_XMIT_DROP ? -ENOBUFS : 0;
}
