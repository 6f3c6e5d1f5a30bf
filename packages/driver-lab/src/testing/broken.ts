/** A broken driver for each rule: a driver that works, with one thing wrong. The line that is wrong is marked `// HERE`. */
import type { Rule } from '../checker/rules.ts';
import {
  consumeSkb,
  kfreeSkb,
  type LabLinkOps,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  netifRx,
  netifStopQueue,
  netifWakeQueue,
  SKB_DROP_REASON_NOT_SPECIFIED,
  type SkBuff,
} from '../index.ts';
import { fill, goodReceive, goodXmit, later, polled, send, type Take, with_ } from './broken-parts.ts';

let kept: SkBuff | null = null;
const busy = new WeakSet<NetDevice>();

export const BROKEN = {
  'skb-leak': with_({
    xmit(skb, dev, nic) {
      send(skb, dev, nic);
      return NETDEV_TX_OK;
    },
  }),
  'skb-double-free': with_({
    xmit(skb, dev, nic) {
      goodXmit(skb, dev, nic);
      kfreeSkb(skb, SKB_DROP_REASON_NOT_SPECIFIED); // HERE
      return NETDEV_TX_OK;
    },
  }),
  'skb-use-after': with_({
    receive(dev, buf, at, len) {
      const skb = fill(dev, buf, at, len);
      netifRx(skb);
      dev.stats.multicast += skb.len & 0; // HERE
    },
  }),
  'dma-after-free': with_({
    xmit(skb, dev, nic) {
      if (nic.tx.size === 0) nic.tx.setup(64);
      const desc = nic.tx.descs[nic.tx.tail]!;
      Object.assign(desc, { buf: skb.buf, at: skb.data, len: skb.len });
      dev.stats.txPackets++;
      dev.stats.txBytes += skb.len;
      nic.tx.tail = nic.tx.next(nic.tx.tail); // HERE
      consumeSkb(skb);
      return NETDEV_TX_OK;
    },
  }),
  'xmit-busy-awake': with_({
    xmit(skb, dev, nic) {
      if (busy.has(dev) || nic.counters.txFrames < 2) return goodXmit(skb, dev, nic);
      busy.add(dev);
      return NETDEV_TX_BUSY;
    },
  }),
  'xmit-busy-skb': with_({
    xmit(skb, dev, nic) {
      if (nic.counters.txFrames < 3) return goodXmit(skb, dev, nic);
      netifStopQueue(dev);
      later(dev, 1, () => netifWakeQueue(dev));
      consumeSkb(skb); // HERE
      dev.stats.txPackets++;
      dev.stats.txBytes += 60;
      nic.send(new Uint8Array(60), 0, 60);
      return NETDEV_TX_BUSY;
    },
  }),
  'xmit-return': with_({
    xmit(skb, dev, nic) {
      goodXmit(skb, dev, nic);
      return undefined as unknown as NetdevTx;
    },
  }),
  'queue-never-woken': with_({
    xmit(skb, dev, nic) {
      goodXmit(skb, dev, nic);
      if (nic.counters.txFrames >= 3) netifStopQueue(dev); // HERE
      return NETDEV_TX_OK;
    },
  }),
  'napi-complete-full-budget': polled((napi, budget, take: Take, nic) => {
    const work = take(napi, budget);
    if (budget > 0) napi.completeDone(work); // HERE
    nic.irq.enable();
    return work;
  }),
  'napi-over-budget': polled((napi, budget, take: Take, nic) => {
    const work = budget === 0 ? 0 : take(napi, 1000);
    if (work < budget && napi.completeDone(work)) nic.irq.enable();
    return work;
  }),
  'napi-complete-budget-0': polled((napi, budget, take: Take, nic) => {
    const work = take(napi, budget);
    if (work === 0)
      napi.completeDone(0); // HERE
    else if (work < budget && napi.completeDone(work)) nic.irq.enable();
    if (work === 0) nic.irq.enable();
    return work;
  }),
  'napi-not-completed': polled((napi, budget, take: Take) => take(napi, budget)),
  'irq-unmasked': polled(
    (napi, budget, take: Take) => {
      const work = take(napi, budget);
      if (work < budget) napi.completeDone(work);
      return work;
    },
    (napi, nic) => {
      nic.irq.readCause();
      napi.schedule(); // HERE
    },
  ),
  'irq-storm': polled(
    (napi, budget, take: Take) => {
      const work = take(napi, budget);
      if (work < budget && budget > 0) napi.completeDone(work);
      return work;
    },
    () => {},
  ),
  'rx-after-stop': with_({
    stop(dev) {
      later(dev, 100, () => {
        netifRx(fill(dev, new Uint8Array(60), 0, 60)); // HERE
      });
    },
  }),
  'stats-tx': with_({
    xmit(skb, dev, nic) {
      nic.send(skb.buf, skb.data, skb.len); // HERE
      dev.stats.txPackets++;
      dev.stats.txBytes += skb.len - 14;
      consumeSkb(skb);
      return NETDEV_TX_OK;
    },
  }),
  'stats-rx': with_({
    receive(dev, buf, at, len) {
      goodReceive(dev, buf, at, len);
      dev.stats.rxPackets++;
    },
  }),
  oops: with_({
    receive() {
      throw new TypeError('cannot read properties of null'); // HERE
    },
  }),
} satisfies Partial<Record<Rule, LabLinkOps>>;

/** Drivers that break a rule in another way. */
export const ALSO_BROKEN: [Rule, string, LabLinkOps][] = [
  [
    'skb-leak',
    'a received frame that is refused and forgotten',
    with_({
      receive(dev, buf, at, len) {
        const skb = dev.pool.alloc(len)!; // HERE
        skb.buf.set(buf.subarray(at, at + len), skb.put(len));
        dev.stats.rxDropped++;
      },
    }),
  ],
  [
    'skb-use-after',
    'a frame that is freed before its length is counted',
    with_({
      xmit(skb, dev, nic) {
        nic.send(skb.buf, skb.data, skb.len);
        consumeSkb(skb);
        dev.stats.txPackets++;
        dev.stats.txBytes += skb.len; // HERE
        return NETDEV_TX_OK;
      },
    }),
  ],
  [
    'skb-use-after',
    'a frame that is freed after the stack got it',
    with_({
      receive(dev, buf, at, len) {
        const skb = fill(dev, buf, at, len);
        netifRx(skb);
        consumeSkb(skb); // HERE
      },
    }),
  ],
  [
    'xmit-busy-skb',
    'a frame that is kept, given back, and sent later all the same',
    with_({
      xmit(skb, dev, nic) {
        if (kept === null && nic.counters.txFrames === 0) {
          kept = skb;
          netifStopQueue(dev);
          later(dev, 1, () => {
            nic.send(kept!.buf, 0, 60); // HERE
            dev.stats.txPackets++;
            dev.stats.txBytes += 60;
            kept = null;
            netifWakeQueue(dev);
          });
          return NETDEV_TX_BUSY;
        }
        return goodXmit(skb, dev, nic);
      },
    }),
  ],
  ['stats-rx', 'frames that are neither delivered nor counted', with_({ receive: () => {} })],
  [
    'stats-tx',
    'frames that are counted twice',
    with_({
      xmit(skb, dev, nic) {
        send(skb, dev, nic);
        dev.stats.txPackets++;
        consumeSkb(skb);
        return NETDEV_TX_OK;
      },
    }),
  ],
  [
    'oops',
    'an exception in ndoStartXmit',
    with_({
      xmit() {
        throw new TypeError('cannot read properties of null'); // HERE
      },
    }),
  ],
];
