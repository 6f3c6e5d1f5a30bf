/**
 * ring - descriptor rings, which let the card work while the driver does something else. Step 2 of docs/driver-lab.
 *
 * There is no interrupt yet: a timer looks every millisecond what the card has done. So a frame waits for up to a
 * millisecond, and the timer runs when there is nothing to do. Step 3 is for that.
 */
import {
  consumeSkb,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethTypeTrans,
  kfreeSkb,
  type LabLinkOps,
  type LabNic,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  netifCarrierOff,
  netifCarrierOn,
  netifQueueStopped,
  netifRx,
  netifStartQueue,
  netifStopQueue,
  netifWakeQueue,
  type RtnlLinkStats64,
  registerNetdev,
  SKB_DROP_REASON_DEV_READY,
  type SkBuff,
  type TimerList,
  timerSetup,
} from '@etherloom/driver-lab';

const RING = 64;
const POLL_MS = 1;
/** The longest frame: an MTU of 1500, its header, and a VLAN tag. */
const RX_BUF = 1518;

interface RingPriv {
  readonly nic: LabNic;
  /** The skb behind each descriptor. */
  readonly txSkb: (SkBuff | null)[];
  readonly rxSkb: (SkBuff | null)[];
  /** The oldest transmit descriptor that is not reclaimed, and the next receive descriptor to look at. */
  txClean: number;
  rxNext: number;
  readonly timer: TimerList;
}

const priv = (dev: NetDevice): RingPriv => dev.priv as RingPriv;

/** Free descriptors: one always stays free, or a full ring would look like an empty one. */
function ringTxRoom(p: RingPriv): number {
  return (p.txClean - p.nic.tx.tail - 1 + RING) % RING;
}

function ringXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  const p = priv(dev);
  if (ringTxRoom(p) === 0) {
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
  if (ringTxRoom(p) === 0) netifStopQueue(dev);
  return NETDEV_TX_OK;
}

/** Frees what the card has sent, and wakes the queue when there is room again. */
function ringCleanTx(dev: NetDevice): void {
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
  if (netifQueueStopped(dev) && ringTxRoom(p) > 0) netifWakeQueue(dev);
}

/** Gives the card a fresh skb to receive into; false when memory is out, and the old one has to do again. */
function ringRefill(dev: NetDevice, i: number): boolean {
  const p = priv(dev);
  const skb = dev.pool.alloc(RX_BUF);
  if (skb === null) return false;
  p.rxSkb[i] = skb;
  const desc = p.nic.rx.descs[i]!;
  desc.buf = skb.buf;
  desc.at = skb.data;
  return true;
}

function ringPost(dev: NetDevice, i: number): void {
  const { rx } = priv(dev).nic;
  rx.descs[i]!.len = RX_BUF;
  rx.descs[i]!.done = false;
  rx.tail = i; // the card may use all before this one: one stays ours
}

function ringReceive(dev: NetDevice): void {
  const p = priv(dev);
  for (let desc = p.nic.rx.descs[p.rxNext]; desc?.done; desc = p.nic.rx.descs[p.rxNext]) {
    const i = p.rxNext;
    const skb = p.rxSkb[i]!;
    p.rxNext = p.nic.rx.next(i);
    const { len, error } = desc;
    if (error) {
      dev.stats.rxErrors++;
      dev.stats.rxLengthErrors++;
    } else if (!ringRefill(dev, i)) dev.stats.rxDropped++;
    else {
      skb.put(len);
      skb.protocol = ethTypeTrans(skb, dev);
      dev.stats.rxPackets++;
      dev.stats.rxBytes += len;
      netifRx(skb);
    }
    ringPost(dev, i);
  }
}

function ringPoll(dev: NetDevice): void {
  ringCleanTx(dev);
  ringReceive(dev);
  priv(dev).timer.mod(POLL_MS);
}

function ringOpen(dev: NetDevice): void {
  const p = priv(dev);
  p.nic.tx.setup(RING);
  p.nic.rx.setup(RING);
  p.txClean = 0;
  p.rxNext = 0;
  for (let i = 0; i < RING; i++) {
    ringRefill(dev, i);
    ringPost(dev, i);
  }
  p.nic.start();
  p.timer.mod(POLL_MS);
  netifStartQueue(dev);
}

/** Nothing comes in or goes out after it, and every skb is free again. */
function ringStop(dev: NetDevice): void {
  const p = priv(dev);
  netifStopQueue(dev);
  p.timer.delete();
  ringCleanTx(dev); // what the card has sent already is counted
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

function ringSetup(dev: NetDevice): void {
  etherSetup(dev);
  ethHwAddrRandom(dev);
  dev.netdevOps = {
    ndoOpen: ringOpen,
    ndoStop: ringStop,
    ndoStartXmit: ringXmit,
    ndoSetMacAddress: ethMacAddr,
    ndoGetStats64(d, storage: RtnlLinkStats64) {
      storage.rxMissedErrors += priv(d).nic.counters.rxMissed;
    },
  };
  dev.ethtoolOps = { getDrvinfo: () => ({ driver: 'ring', version: '2' }) };
}

export const linkOps: LabLinkOps = {
  kind: 'ring',
  setup: ringSetup,
  newlink(dev, { nic }) {
    const timer = timerSetup(dev, () => ringPoll(dev));
    const none = () => new Array<SkBuff | null>(RING).fill(null);
    const p: RingPriv = { nic, txSkb: none(), rxSkb: none(), txClean: 0, rxNext: 0, timer };
    dev.priv = p;
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
