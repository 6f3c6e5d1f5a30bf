/** Ethernet devices and frames. cf. net/ethernet/eth.c */
import {
  ETH_ALEN,
  ETH_DATA_LEN,
  ETH_HLEN,
  ETH_MIN_MTU,
  ETH_P_802_2,
  ETH_P_802_3_MIN,
  ETH_TYPE,
  isMulticastEther,
  isValidEtherAddr,
  macToString,
} from '@etherloom/frame';
import { allocNetdev, DEFAULT_TX_QUEUE_LEN } from './alloc-netdev.ts';
import { ARPHRD_ETHER, IFF_BROADCAST, IFF_LIVE_ADDR_CHANGE, IFF_MULTICAST } from './if.ts';
import type { Net } from './net.ts';
import { NET_ADDR_RANDOM, type NetDevice, netifRunning } from './net-device.ts';
import { NetError } from './net-error.ts';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type SkBuff } from './skbuff.ts';

const ETH_P_802_3 = 0x0001;

/** Fills in what all Ethernet devices share. A driver that carries more raises maxMtu after it. */
export function etherSetup(dev: NetDevice): void {
  dev.type = ARPHRD_ETHER;
  dev.hardHeaderLen = ETH_HLEN;
  dev.minHeaderLen = ETH_HLEN;
  dev.mtu = ETH_DATA_LEN;
  dev.minMtu = ETH_MIN_MTU;
  dev.maxMtu = ETH_DATA_LEN;
  dev.addrLen = ETH_ALEN;
  dev.txQueueLen = DEFAULT_TX_QUEUE_LEN;
  dev.flags = IFF_BROADCAST | IFF_MULTICAST;
  dev.broadcast.fill(0xff);
}

/** An unregistered Ethernet device; `name` may be a template: eth%d. */
export function allocEtherdev(net: Net, name: string, setup?: (dev: NetDevice) => void, txqs = 1): NetDevice {
  const setUp = (dev: NetDevice) => {
    etherSetup(dev);
    setup?.(dev);
  };
  return allocNetdev(net, name, setUp, txqs);
}

/** A random, locally administered unicast address. */
export function ethHwAddrRandom(dev: NetDevice): void {
  const addr = new Uint8Array(ETH_ALEN);
  for (let i = 0; i < ETH_ALEN; i++) addr[i] = Math.floor(dev.net.host.random() * 256);
  addr[0] = (addr[0]! & 0xfe) | 0x02;
  dev.devAddr.set(addr);
  dev.addrAssignType = NET_ADDR_RANDOM;
}

/** For a driver's ndoSetMacAddress, before it tells its hardware: refuses. A running device needs IFF_LIVE_ADDR_CHANGE. */
export function ethPrepareMacAddrChange(dev: NetDevice, addr: Uint8Array): void {
  if (netifRunning(dev) && (dev.privFlags & IFF_LIVE_ADDR_CHANGE) === 0) {
    throw new NetError('EBUSY', `${dev.name} is up; set it down before its address is changed`);
  }
  validateEtherAddr(dev, addr);
}

/** And after it has told it. */
export function ethCommitMacAddrChange(dev: NetDevice, addr: Uint8Array): void {
  dev.devAddr.set(addr);
}

/** The ndoSetMacAddress of most drivers. */
export function ethMacAddr(dev: NetDevice, addr: Uint8Array): void {
  ethPrepareMacAddrChange(dev, addr);
  ethCommitMacAddrChange(dev, addr);
}

/** The ndoValidateAddr of most drivers: the device may not go up without a usable address. */
export function ethValidateAddr(dev: NetDevice): void {
  validateEtherAddr(dev, dev.devAddr);
}

export function validateEtherAddr(dev: NetDevice, addr: Uint8Array): void {
  if (addr.length === ETH_ALEN && isValidEtherAddr(addr, 0)) return;
  const text = addr.length === ETH_ALEN ? macToString(addr, 0) : `${addr.length} bytes`;
  throw new NetError(
    'EADDRNOTAVAIL',
    `${dev.name}: ${text} is no station address; give six bytes, not multicast and not all zero`,
  );
}

/** For received frames: sets dev, mac header, packet type and protocol, takes the Ethernet header off; returns the protocol. */
export function ethTypeTrans(skb: SkBuff, dev: NetDevice): number {
  const { buf, data } = skb;
  skb.dev = dev;
  skb.macHeader = data;
  if (skb.pull(ETH_HLEN) < 0) return 0; // a runt: no protocol takes it
  skb.pktType = packetType(buf, data, dev.devAddr);
  skb.protocol = typeTrans(buf, data + ETH_TYPE, skb.tail);
  return skb.protocol;
}

function packetType(buf: Uint8Array, at: number, own: Uint8Array): number {
  if (
    buf[at + 5] === own[5] &&
    buf[at + 4] === own[4] &&
    buf[at + 3] === own[3] &&
    buf[at + 2] === own[2] &&
    buf[at + 1] === own[1] &&
    buf[at] === own[0]
  ) {
    return PACKET_HOST;
  }
  if (!isMulticastEther(buf, at)) return PACKET_OTHERHOST;
  for (let i = 0; i < ETH_ALEN; i++) if (buf[at + i] !== 0xff) return PACKET_MULTICAST;
  return PACKET_BROADCAST;
}

/** Below 0x600 the field is a length: 802.3, raw (Novell's) or with an LLC header. */
function typeTrans(buf: Uint8Array, at: number, tail: number): number {
  const type = (buf[at]! << 8) | buf[at + 1]!;
  if (type >= ETH_P_802_3_MIN) return type;
  const raw = at + 4 <= tail && buf[at + 2] === 0xff && buf[at + 3] === 0xff;
  return raw ? ETH_P_802_3 : ETH_P_802_2;
}
