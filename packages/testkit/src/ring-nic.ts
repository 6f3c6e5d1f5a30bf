/**
 * A network card whose wire is the test: frames wait in a TX ring until the test completes them, and are received
 * when the test says so. A whole driver otherwise: interrupt, NAPI poll, queue stop and wake, byte limits, watchdog.
 */
import {
  allocEtherdev,
  consumeSkb,
  ethHwAddrRandom,
  ethMacAddr,
  ethTypeTrans,
  type Napi,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type Net,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  napiGroReceive,
  netdevTxCompletedQueue,
  netdevTxResetQueue,
  netdevTxSentQueue,
  netdevXmitMore,
  netifNapiAdd,
  netifStartQueue,
  netifStopQueue,
  netifWakeQueue,
  PtrRing,
  registerNetdev,
  type SkBuff,
} from '@etherloom/netcore';

export interface RingNicOptions {
  readonly name?: string;
  /** Slots of each ring, a power of two. */
  readonly ring?: number;
  /** Accounts bytes (BQL). */
  readonly bql?: boolean;
  /** Never stops its queue, so it must answer BUSY: a broken driver. */
  readonly rude?: boolean;
}

export class RingNic {
  readonly dev: NetDevice;
  readonly tx: PtrRing<SkBuff>;
  /** What was sent, as `len` or `len+` when more was announced. */
  readonly sent: string[] = [];
  /** Frames each poll received. */
  readonly polls: number[] = [];
  busy = 0;
  timeouts = 0;
  readonly #options: RingNicOptions;
  readonly #napi: Napi;
  readonly #rx: PtrRing<SkBuff>;
  #toReclaim = 0;

  /** Registered and down. */
  constructor(net: Net, options: RingNicOptions = {}) {
    this.#options = options;
    this.tx = new PtrRing(options.ring ?? 8);
    this.#rx = new PtrRing(4096);
    this.dev = allocEtherdev(net, options.name ?? 'eth%d', (dev) => {
      dev.netdevOps = this.#ops;
      ethHwAddrRandom(dev);
    });
    this.#napi = netifNapiAdd(this.dev, (napi, budget) => this.#poll(napi, budget));
    registerNetdev(this.dev);
  }

  /** The wire took n frames: a TX completion interrupt. */
  complete(n: number = this.tx.length): void {
    this.#toReclaim += n;
    this.dev.net.irq(() => this.#napi.schedule());
  }

  /** Frames arrive: one RX interrupt for all of them. */
  receive(...frames: Uint8Array[]): void {
    for (const frame of frames) {
      const skb = this.dev.pool.alloc(frame.length)!;
      skb.buf.set(frame, skb.put(frame.length));
      this.#rx.produce(skb);
    }
    this.dev.net.irq(() => this.#napi.schedule());
  }

  readonly #ops: NetDeviceOps = {
    ndoOpen: (dev) => {
      this.#napi.enable();
      netifStartQueue(dev);
    },
    ndoStop: (dev) => {
      netifStopQueue(dev);
      this.#napi.disable();
      for (let skb = this.tx.consume(); skb !== null; skb = this.tx.consume()) consumeSkb(skb);
      this.#toReclaim = 0;
      netdevTxResetQueue(dev.txq[0]!);
    },
    ndoStartXmit: (skb, dev) => this.#startXmit(skb, dev),
    ndoSetMacAddress: ethMacAddr,
    ndoTxTimeout: () => {
      this.timeouts++;
    },
  };

  #startXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
    if (!this.tx.produce(skb)) {
      this.busy++;
      return NETDEV_TX_BUSY;
    }
    this.sent.push(`${skb.len}${netdevXmitMore(dev) ? '+' : ''}`);
    dev.stats.txPackets++;
    dev.stats.txBytes += skb.len;
    if (this.#options.bql === true) netdevTxSentQueue(dev.txq[0]!, skb.len);
    if (this.tx.full && this.#options.rude !== true) netifStopQueue(dev);
    return NETDEV_TX_OK;
  }

  #poll(napi: Napi, budget: number): number {
    this.#reclaim();
    let work = 0;
    while (work < budget) {
      const skb = this.#rx.consume();
      if (skb === null) break;
      this.dev.stats.rxPackets++;
      this.dev.stats.rxBytes += skb.len;
      skb.protocol = ethTypeTrans(skb, this.dev);
      napiGroReceive(napi, skb);
      work++;
    }
    this.polls.push(work);
    if (work < budget) napi.completeDone(work);
    return work;
  }

  #reclaim(): void {
    let pkts = 0;
    let bytes = 0;
    for (; this.#toReclaim > 0; this.#toReclaim--) {
      const skb = this.tx.consume();
      if (skb === null) break;
      pkts++;
      bytes += skb.len;
      consumeSkb(skb);
    }
    if (this.#options.bql === true) netdevTxCompletedQueue(this.dev.txq[0]!, pkts, bytes);
    if (pkts > 0) netifWakeQueue(this.dev);
  }
}

/** An skb of `len` zero bytes, for sending by `dev`. */
export function testSkb(dev: NetDevice, len = 60): SkBuff {
  const skb = dev.pool.alloc(len)!;
  const at = skb.put(len);
  skb.buf.fill(0, at, at + len);
  skb.dev = dev;
  return skb;
}
