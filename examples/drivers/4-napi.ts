/**
 * napi - the card of step 3, polled while it is busy. Step 4 of docs/driver-lab.
 *
 * The first frame interrupts. The handler masks the line and asks for a poll, which takes at most `budget` frames; only
 * when none are left is the line unmasked. So the busier the card is, the fewer interrupts there are.
 */
import {
  consumeSkb,
  type EthtoolCoalesce,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethTypeTrans,
  kfreeSkb,
  type LabLinkOps,
  type LabNic,
  type Napi,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  napiGroReceive,
  netifCarrierOff,
  netifCarrierOn,
  netifNapiAdd,
  netifQueueStopped,
  netifStartQueue,
  netifStopQueue,
  netifWakeQueue,
  type RtnlLinkStats64,
  registerNetdev,
  SKB_DROP_REASON_DEV_READY,
  type SkBuff,
} from '@etherloom/driver-lab';

const RING = 64;
/** The longest frame: an MTU of 1500, its header, and a VLAN tag. */
const RX_BUF = 1518;

interface NicPriv {
  readonly nic: LabNic;
  readonly napi: Napi;
  /** The skb behind each descriptor. */
  readonly txSkb: (SkBuff | null)[];
  readonly rxSkb: (SkBuff | null)[];
  /** The oldest transmit descriptor that is not reclaimed, and the next receive descriptor to look at. */
  txClean: number;
  rxNext: number;
}

const priv = (dev: NetDevice): NicPriv => dev.priv as NicPriv;

/** Free descriptors: one always stays free, or a full ring would look like an empty one. */
function nicTxRoom(p: NicPriv): number {
  return (p.txClean - p.nic.tx.tail - 1 + RING) % RING;
}

function nicXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  const p = priv(dev);
  if (nicTxRoom(p) === 0) {
    netifStopQueue(dev); // never happens: the queue was stopped when the last descriptor was taken
    return NETDEV_TX_BUSY;
  }
  const i = p.nic.tx.tail;
  const desc = p.nic.tx.descs[i]!;
  desc.buf = skb.buf;
  desc.at = skb.data;
  desc.len = skb.len;
  desc.done = false;
  p.txSkb[i] = skb;
  p.nic.tx.tail = p.nic.tx.next(i);
  if (nicTxRoom(p) === 0) netifStopQueue(dev);
  return NETDEV_TX_OK;
}

/** Frees what the card has sent, and wakes the queue when there is room again. */
function nicCleanTx(dev: NetDevice): void {
  const p = priv(dev);
  for (let desc = p.nic.tx.descs[p.txClean]; desc?.done; desc = p.nic.tx.descs[p.txClean]) {
    const skb = p.txSkb[p.txClean]!;
    if (desc.error) {
      dev.stats.txErrors++;
      dev.stats.txCarrierErrors++;
    } else {
      dev.stats.txPackets++;
      dev.stats.txBytes += skb.len;
    }
    p.txSkb[p.txClean] = null;
    desc.done = false;
    consumeSkb(skb);
    p.txClean = p.nic.tx.next(p.txClean);
  }
  if (netifQueueStopped(dev) && nicTxRoom(p) > 0) netifWakeQueue(dev);
}

/** Gives the card a fresh skb to receive into; false when memory is out, and the old one has to do again. */
function nicRefill(dev: NetDevice, i: number): boolean {
  const p = priv(dev);
  const skb = dev.pool.alloc(RX_BUF);
  if (skb === null) return false;
  p.rxSkb[i] = skb;
  const desc = p.nic.rx.descs[i]!;
  desc.buf = skb.buf;
  desc.at = skb.data;
  return true;
}

function nicPost(dev: NetDevice, i: number): void {
  const { rx } = priv(dev).nic;
  rx.descs[i]!.len = RX_BUF;
  rx.descs[i]!.done = false;
  rx.tail = i; // the card may use all before this one: one stays ours
}

/** Takes at most `budget` frames; returns how many it took. */
function nicReceive(dev: NetDevice, napi: Napi, budget: number): number {
  const p = priv(dev);
  let work = 0;
  for (; work < budget; work++) {
    const i = p.rxNext;
    const desc = p.nic.rx.descs[i];
    if (!desc?.done) break;
    const skb = p.rxSkb[i]!;
    p.rxNext = p.nic.rx.next(i);
    const { len, error } = desc;
    if (error) {
      dev.stats.rxErrors++;
      dev.stats.rxLengthErrors++;
    } else if (!nicRefill(dev, i)) dev.stats.rxDropped++;
    else {
      skb.put(len);
      skb.protocol = ethTypeTrans(skb, dev);
      dev.stats.rxPackets++;
      dev.stats.rxBytes += len;
      napiGroReceive(napi, skb);
    }
    nicPost(dev, i);
  }
  return work;
}

/** The handler: no work here, and no other interrupt until the poll has done it. */
function nicInterrupt(dev: NetDevice): void {
  const { nic, napi } = priv(dev);
  nic.irq.readCause();
  nic.irq.disable();
  napi.schedule();
}

/** Sent frames are cheap to reclaim and count nothing; received ones count, and with a budget of 0 there are none. */
function nicPoll(dev: NetDevice, napi: Napi, budget: number): number {
  priv(dev).nic.irq.readCause(); // what came until now is dealt with here; what comes later interrupts again
  nicCleanTx(dev);
  const work = nicReceive(dev, napi, budget);
  if (work < budget && napi.completeDone(work)) priv(dev).nic.irq.enable();
  return work;
}

function nicOpen(dev: NetDevice): void {
  const p = priv(dev);
  p.nic.tx.setup(RING);
  p.nic.rx.setup(RING);
  p.txClean = 0;
  p.rxNext = 0;
  for (let i = 0; i < RING; i++) {
    nicRefill(dev, i);
    nicPost(dev, i);
  }
  p.napi.enable();
  p.nic.irq.request(() => nicInterrupt(dev));
  p.nic.irq.enable();
  p.nic.start();
  netifStartQueue(dev);
}

/** Nothing comes in or goes out after it, and every skb is free again. */
function nicStop(dev: NetDevice): void {
  const p = priv(dev);
  netifStopQueue(dev);
  p.nic.irq.free();
  p.napi.disable();
  nicCleanTx(dev); // what the card has sent already is counted
  p.nic.stop();
  for (let i = 0; i < RING; i++) {
    const sending = p.txSkb[i];
    if (sending) {
      dev.stats.txDropped++;
      kfreeSkb(sending, SKB_DROP_REASON_DEV_READY);
    }
    if (p.rxSkb[i]) consumeSkb(p.rxSkb[i]!);
    p.txSkb[i] = null;
    p.rxSkb[i] = null;
  }
  p.nic.tx.setup(0);
  p.nic.rx.setup(0);
}

function nicGetCoalesce(dev: NetDevice): EthtoolCoalesce {
  const { coalesceUsecs: usecs, coalesceFrames: frames } = priv(dev).nic.irq;
  return {
    rxCoalesceUsecs: usecs,
    rxMaxCoalescedFrames: frames,
    txCoalesceUsecs: usecs,
    txMaxCoalescedFrames: frames,
  };
}

/** The card has one line for both directions, so one setting. */
function nicSetCoalesce(dev: NetDevice, { rxCoalesceUsecs, rxMaxCoalescedFrames }: EthtoolCoalesce): void {
  const { irq } = priv(dev).nic;
  irq.coalesceUsecs = rxCoalesceUsecs;
  irq.coalesceFrames = rxMaxCoalescedFrames;
}

function nicSetup(dev: NetDevice): void {
  etherSetup(dev);
  ethHwAddrRandom(dev);
  dev.netdevOps = {
    ndoOpen: nicOpen,
    ndoStop: nicStop,
    ndoStartXmit: nicXmit,
    ndoSetMacAddress: ethMacAddr,
    ndoGetStats64(d, storage: RtnlLinkStats64) {
      storage.rxMissedErrors += priv(d).nic.counters.rxMissed;
    },
  };
  dev.ethtoolOps = {
    getDrvinfo: () => ({ driver: 'napi', version: '4' }),
    getCoalesce: nicGetCoalesce,
    setCoalesce: nicSetCoalesce,
  };
}

export const linkOps: LabLinkOps = {
  kind: 'napi',
  setup: nicSetup,
  newlink(dev, { nic }) {
    const napi = netifNapiAdd(dev, (self, budget) => nicPoll(dev, self, budget));
    const none = () => new Array<SkBuff | null>(RING).fill(null);
    const p: NicPriv = { nic, napi, txSkb: none(), rxSkb: none(), txClean: 0, rxNext: 0 };
    dev.priv = p;
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
