/** veth - a pair of devices: what one sends the other receives. cf. drivers/net/veth.c */
import { ETH_HLEN, ETH_MAX_MTU } from '@etherloom/frame';
import {
  devForwardSkb,
  type EthtoolChannels,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  GSO_MAX_SIZE,
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_UP,
  kfreeSkb,
  NET_RX_SUCCESS,
  NET_XMIT_DROP,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  NetError,
  netifCarrierOff,
  netifCarrierOn,
  type RtnlLinkOps,
  type RtnlLinkOptions,
  registerNetdev,
  rtnlCreateLink,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  type SkBuff,
  unregisterNetdev,
} from '@etherloom/netcore';

/** `ip link add v0 type veth peer name v1`. */
export interface VethOptions extends RtnlLinkOptions {
  readonly peer?: RtnlLinkOptions;
}

const ONE_EACH: EthtoolChannels = {
  maxRx: 1,
  maxTx: 1,
  maxOther: 0,
  maxCombined: 0,
  rxCount: 1,
  txCount: 1,
  otherCount: 0,
  combinedCount: 0,
};

class VethPriv {
  peer: NetDevice | null = null;
}

/** The other end, or null when it is gone. */
export function vethPeer(dev: NetDevice): NetDevice | null {
  return (dev.priv as VethPriv).peer;
}

function vethXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  const rcv = (dev.priv as VethPriv).peer;
  const len = skb.len;
  if (rcv === null) return vethDrop(skb, dev, SKB_DROP_REASON_DEV_READY);
  if (len < ETH_HLEN) return vethDrop(skb, dev, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (devForwardSkb(rcv, skb) !== NET_RX_SUCCESS) {
    dev.stats.txDropped++;
    return NET_XMIT_DROP;
  }
  dev.stats.txPackets++;
  dev.stats.txBytes += len;
  rcv.stats.rxPackets++;
  rcv.stats.rxBytes += len;
  return NETDEV_TX_OK;
}

function vethDrop(skb: SkBuff, dev: NetDevice, reason: number): NetdevTx {
  dev.stats.txDropped++;
  kfreeSkb(skb, reason);
  return NET_XMIT_DROP;
}

function vethOpen(dev: NetDevice): void {
  const peer = vethPeer(dev);
  if (peer === null)
    throw new NetError('ENOTCONN', `${dev.name} has lost its peer; delete it and make a new pair`);
  if ((peer.flags & IFF_UP) === 0) return;
  netifCarrierOn(dev);
  netifCarrierOn(peer);
}

function vethClose(dev: NetDevice): void {
  const peer = vethPeer(dev);
  netifCarrierOff(dev);
  if (peer !== null) netifCarrierOff(peer);
}

const vethNetdevOps: NetDeviceOps = {
  ndoStartXmit: vethXmit,
  ndoOpen: vethOpen,
  ndoStop: vethClose,
  ndoSetMacAddress: ethMacAddr,
};

function vethSetup(dev: NetDevice): void {
  etherSetup(dev);
  dev.netdevOps = vethNetdevOps;
  dev.ethtoolOps = {
    getDrvinfo: () => ({ driver: 'veth', version: '1.0' }),
    getLinkKsettings: () => ({ speed: 10000, duplex: 'full', autoneg: false, port: 'Twisted Pair' }),
    getChannels: () => ONE_EACH,
    setChannels: () => {},
    getStrings: () => ['peer_ifindex'],
    getEthtoolStats: (d) => [vethPeer(d)?.ifindex ?? 0],
  };
  dev.privFlags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
  dev.maxMtu = ETH_MAX_MTU;
  dev.tsoMaxSize = GSO_MAX_SIZE;
  dev.priv = new VethPriv();
  ethHwAddrRandom(dev);
}

/** Registers the peer, then the device: nobody sees one without the other. */
function vethNewlink(dev: NetDevice, options: VethOptions): void {
  const peer = rtnlCreateLink(dev.net, vethLinkOps, { mtu: options.mtu, ...options.peer });
  registerNetdev(peer);
  try {
    registerNetdev(dev);
  } catch (error) {
    unregisterNetdev(peer);
    throw error;
  }
  (dev.priv as VethPriv).peer = peer;
  (peer.priv as VethPriv).peer = dev;
  dev.iflink = peer.ifindex;
  peer.iflink = dev.ifindex;
  netifCarrierOff(peer);
  netifCarrierOff(dev);
}

/** Both ends go together. */
function vethDellink(dev: NetDevice): void {
  const peer = vethPeer(dev);
  unregisterNetdev(dev);
  (dev.priv as VethPriv).peer = null;
  if (peer === null) return;
  unregisterNetdev(peer);
  (peer.priv as VethPriv).peer = null;
}

export const vethLinkOps: RtnlLinkOps<VethOptions> = {
  kind: 'veth',
  setup: vethSetup,
  newlink: vethNewlink,
  dellink: vethDellink,
};
