/** lo - every frame sent is received. One a namespace, as ifindex 1. cf. drivers/net/loopback.c */
import { ETH_ALEN, ETH_HLEN } from '@etherloom/frame';
import {
  ARPHRD_LOOPBACK,
  allocNetdev,
  ethMacAddr,
  ethTypeTrans,
  GSO_MAX_SIZE,
  IFF_LIVE_ADDR_CHANGE,
  IFF_LOOPBACK,
  IFF_NO_QUEUE,
  NET_RX_SUCCESS,
  NETDEV_TX_OK,
  type Net,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  netifRx,
  registerNetdev,
  type SkBuff,
} from '@etherloom/netcore';

const LOOPBACK_MTU = 64 * 1024;

function loopbackXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  skb.protocol = ethTypeTrans(skb, dev);
  const len = skb.len; // lo counts what is behind the header, as Linux does
  if (netifRx(skb) !== NET_RX_SUCCESS) return NETDEV_TX_OK; // the backlog is full: counted and freed there
  dev.stats.rxPackets++;
  dev.stats.rxBytes += len;
  dev.stats.txPackets++;
  dev.stats.txBytes += len;
  return NETDEV_TX_OK;
}

const loopbackOps: NetDeviceOps = {
  ndoStartXmit: loopbackXmit,
  ndoSetMacAddress: ethMacAddr,
};

function loopbackSetup(dev: NetDevice): void {
  dev.netdevOps = loopbackOps;
  dev.type = ARPHRD_LOOPBACK;
  dev.mtu = LOOPBACK_MTU;
  dev.hardHeaderLen = ETH_HLEN;
  dev.minHeaderLen = ETH_HLEN;
  dev.addrLen = ETH_ALEN;
  dev.flags = IFF_LOOPBACK;
  dev.privFlags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
  dev.tsoMaxSize = GSO_MAX_SIZE;
}

/** Registers the namespace's loopback device; do it first. cf. loopback_net_init */
export function loopbackNetInit(net: Net): NetDevice {
  const dev = allocNetdev(net, 'lo', loopbackSetup);
  registerNetdev(dev);
  return dev;
}
