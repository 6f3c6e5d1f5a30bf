/** dummy - counts and discards every frame it is asked to send. cf. drivers/net/dummy.c */
import {
  consumeSkb,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethValidateAddr,
  IFF_LIVE_ADDR_CHANGE,
  IFF_MULTICAST,
  IFF_NO_QUEUE,
  IFF_NOARP,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  netifCarrierOff,
  netifCarrierOn,
  type RtnlLinkOps,
  type SkBuff,
} from '@etherloom/netcore';

function dummyXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  dev.stats.txPackets++;
  dev.stats.txBytes += skb.len;
  consumeSkb(skb);
  return NETDEV_TX_OK;
}

function dummyChangeCarrier(dev: NetDevice, on: boolean): void {
  if (on) netifCarrierOn(dev);
  else netifCarrierOff(dev);
}

const dummyNetdevOps: NetDeviceOps = {
  ndoStartXmit: dummyXmit,
  ndoValidateAddr: ethValidateAddr,
  ndoSetMacAddress: ethMacAddr,
  ndoChangeCarrier: dummyChangeCarrier,
};

function dummySetup(dev: NetDevice): void {
  etherSetup(dev);
  dev.netdevOps = dummyNetdevOps;
  dev.ethtoolOps = { getDrvinfo: () => ({ driver: 'dummy', version: '1.0' }) };
  dev.flags = (dev.flags | IFF_NOARP) & ~IFF_MULTICAST;
  dev.privFlags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
  ethHwAddrRandom(dev);
  dev.minMtu = 0;
  dev.maxMtu = 0;
}

export const dummyLinkOps: RtnlLinkOps = {
  kind: 'dummy',
  setup: dummySetup,
};
