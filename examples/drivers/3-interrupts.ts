/**
 * irq - the rings of step 2, and an interrupt in place of the timer. Step 3 of docs/driver-lab.
 *
 * Nothing runs while nothing happens, and no frame waits. But each frame is an interrupt of its own, and under load
 * the machine has time for nothing else. `ethtool -C DEV rx-usecs N rx-frames N` makes the card wait for more of them.
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
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  NIC_IRQ_RX,
  NIC_IRQ_TX,
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
} from '@etherloom/driver-lab';

const RING = 64;
/** The longest frame: an MTU of 1500, its header, and a VLAN tag. */
const RX_BUF = 1518;

interface IrqPriv {
  readonly nic: LabNic;
  /** The skb behind each descriptor. */
  readonly txSkb: (SkBuff | null)[];
  readonly rxSkb: (SkBuff | null)[];
  /** The oldest transmit descriptor that is not reclaimed, and the next receive descriptor to look at. */
  txClean: number;
  rxNext: number;
}

const priv = (dev: NetDevice): IrqPriv => dev.priv as IrqPriv;

/** Free descriptors: one always stays free, or a full ring would look like an empty one. */
function irqTxRoom(p: IrqPriv): number {
  return (p.txClean - p.nic.tx.tail - 1 + RING) % RING;
}

function irqXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  const p = priv(dev);
  if (irqTxRoom(p) === 0) {
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
  if (irqTxRoom(p) === 0) netifStopQueue(dev);
  return NETDEV_TX_OK;
}

/** Frees what the card has sent, and wakes the queue when there is room again. */
function irqCleanTx(dev: NetDevice): void {
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
  if (netifQueueStopped(dev) && irqTxRoom(p) > 0) netifWakeQueue(dev);
}

/** Gives the card a fresh skb to receive into; false when memory is out, and the old one has to do again. */
function irqRefill(dev: NetDevice, i: number): boolean {
  const p = priv(dev);
  const skb = dev.pool.alloc(RX_BUF);
  if (skb === null) return false;
  p.rxSkb[i] = skb;
  const desc = p.nic.rx.descs[i]!;
  desc.buf = skb.buf;
  desc.at = skb.data;
  return true;
}

function irqPost(dev: NetDevice, i: number): void {
  const { rx } = priv(dev).nic;
  rx.descs[i]!.len = RX_BUF;
  rx.descs[i]!.done = false;
  rx.tail = i; // the card may use all before this one: one stays ours
}

function irqReceive(dev: NetDevice): void {
  const p = priv(dev);
  for (let desc = p.nic.rx.descs[p.rxNext]; desc?.done; desc = p.nic.rx.descs[p.rxNext]) {
    const i = p.rxNext;
    const skb = p.rxSkb[i]!;
    p.rxNext = p.nic.rx.next(i);
    const { len, error } = desc;
    if (error) {
      dev.stats.rxErrors++;
      dev.stats.rxLengthErrors++;
    } else if (!irqRefill(dev, i)) dev.stats.rxDropped++;
    else {
      skb.put(len);
      skb.protocol = ethTypeTrans(skb, dev);
      dev.stats.rxPackets++;
      dev.stats.rxBytes += len;
      netifRx(skb);
    }
    irqPost(dev, i);
  }
}

/** The handler: reading the cause clears it, and says what there is to do. */
function irqInterrupt(dev: NetDevice): void {
  const cause = priv(dev).nic.irq.readCause();
  if ((cause & NIC_IRQ_TX) !== 0) irqCleanTx(dev);
  if ((cause & NIC_IRQ_RX) !== 0) irqReceive(dev);
}

function irqOpen(dev: NetDevice): void {
  const p = priv(dev);
  p.nic.tx.setup(RING);
  p.nic.rx.setup(RING);
  p.txClean = 0;
  p.rxNext = 0;
  for (let i = 0; i < RING; i++) {
    irqRefill(dev, i);
    irqPost(dev, i);
  }
  p.nic.irq.request(() => irqInterrupt(dev));
  p.nic.irq.enable();
  p.nic.start();
  netifStartQueue(dev);
}

/** Nothing comes in or goes out after it, and every skb is free again. */
function irqStop(dev: NetDevice): void {
  const p = priv(dev);
  netifStopQueue(dev);
  p.nic.irq.free();
  irqCleanTx(dev); // what the card has sent already is counted
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

function irqGetCoalesce(dev: NetDevice): EthtoolCoalesce {
  const { coalesceUsecs: usecs, coalesceFrames: frames } = priv(dev).nic.irq;
  return {
    rxCoalesceUsecs: usecs,
    rxMaxCoalescedFrames: frames,
    txCoalesceUsecs: usecs,
    txMaxCoalescedFrames: frames,
  };
}

/** The card has one line for both directions, so one setting. */
function irqSetCoalesce(dev: NetDevice, { rxCoalesceUsecs, rxMaxCoalescedFrames }: EthtoolCoalesce): void {
  const { irq } = priv(dev).nic;
  irq.coalesceUsecs = rxCoalesceUsecs;
  irq.coalesceFrames = rxMaxCoalescedFrames;
}

function irqSetup(dev: NetDevice): void {
  etherSetup(dev);
  ethHwAddrRandom(dev);
  dev.netdevOps = {
    ndoOpen: irqOpen,
    ndoStop: irqStop,
    ndoStartXmit: irqXmit,
    ndoSetMacAddress: ethMacAddr,
    ndoGetStats64(d, storage: RtnlLinkStats64) {
      storage.rxMissedErrors += priv(d).nic.counters.rxMissed;
    },
  };
  dev.ethtoolOps = {
    getDrvinfo: () => ({ driver: 'irq', version: '3' }),
    getCoalesce: irqGetCoalesce,
    setCoalesce: irqSetCoalesce,
  };
}

export const linkOps: LabLinkOps = {
  kind: 'irq',
  setup: irqSetup,
  newlink(dev, { nic }) {
    const none = () => new Array<SkBuff | null>(RING).fill(null);
    const p: IrqPriv = { nic, txSkb: none(), rxSkb: none(), txClean: 0, rxNext: 0 };
    dev.priv = p;
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
