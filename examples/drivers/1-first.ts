/** first - one frame at a time, as simply as a driver can. Step 1 of docs/driver-lab. */
// biome-ignore format: what a driver needs of the kernel, on four lines
import {
  consumeSkb, etherSetup, ethHwAddrRandom, ethMacAddr, ethTypeTrans, type LabLinkOps, type LabNic, NETDEV_TX_OK,
  type NetDevice, type NetdevTx, netifCarrierOff, netifCarrierOn, netifRx, registerNetdev, type SkBuff,
} from '@etherloom/driver-lab';

const card = (dev: NetDevice): LabNic => dev.priv as LabNic;

/** Down: the card copies the frame at once, so the skb is free again. */
function firstXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  if (card(dev).send(skb.buf, skb.data, skb.len)) {
    dev.stats.txPackets++;
    dev.stats.txBytes += skb.len;
  } else dev.stats.txDropped++; // the card is full; step 2 stops the queue instead
  consumeSkb(skb);
  return NETDEV_TX_OK;
}

/** Up: the card lends the frame's bytes for the call, so they are copied into an skb. */
function firstReceive(dev: NetDevice, buf: Uint8Array, at: number, len: number): void {
  const skb = dev.pool.alloc(len);
  if (skb === null) {
    dev.stats.rxDropped++;
    return;
  }
  skb.buf.set(buf.subarray(at, at + len), skb.put(len));
  skb.protocol = ethTypeTrans(skb, dev);
  dev.stats.rxPackets++;
  dev.stats.rxBytes += len;
  netifRx(skb);
}

function firstSetup(dev: NetDevice): void {
  etherSetup(dev);
  ethHwAddrRandom(dev);
  dev.netdevOps = {
    ndoOpen: () => card(dev).start(),
    ndoStop: () => card(dev).stop(),
    ndoStartXmit: firstXmit,
    ndoSetMacAddress: ethMacAddr,
  };
}

export const linkOps: LabLinkOps = {
  kind: 'first',
  setup: firstSetup,
  newlink(dev, { nic }) {
    dev.priv = nic;
    nic.onFrame = (buf, at, len) => firstReceive(dev, buf, at, len);
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};
