/** The Ethernet II header. cf. include/uapi/linux/if_ether.h */
import { getU16, putU16 } from './bytes.ts';
import { etherAddrCopy } from './mac.ts';

export const ETH_HLEN = 14;
/** The shortest frame, without FCS. */
export const ETH_ZLEN = 60;
export const ETH_DATA_LEN = 1500;
export const ETH_MIN_MTU = 68;
export const ETH_MAX_MTU = 65535;

/** Field offsets from the start of the frame. */
export const ETH_DST = 0;
export const ETH_SRC = 6;
export const ETH_TYPE = 12;

export const ETH_P_ALL = 0x0003;
export const ETH_P_802_2 = 0x0004;
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021AD = 0x88a8;
/** A type field below this is an 802.3 length. */
export const ETH_P_802_3_MIN = 0x0600;

export function ethType(buf: Uint8Array, at: number): number {
  return getU16(buf, at + ETH_TYPE);
}

/** Writes the 14 bytes at `at`; the addresses are read at an offset of their own buffers. */
export function putEthHeader(
  buf: Uint8Array,
  at: number,
  dst: Uint8Array,
  dstAt: number,
  src: Uint8Array,
  srcAt: number,
  type: number,
): void {
  etherAddrCopy(buf, at + ETH_DST, dst, dstAt);
  etherAddrCopy(buf, at + ETH_SRC, src, srcAt);
  putU16(buf, at + ETH_TYPE, type);
}

/** Turns the frame at `at` round: what came from there goes back there, from `src`. */
export function ethReply(buf: Uint8Array, at: number, src: Uint8Array, srcAt: number): void {
  etherAddrCopy(buf, at + ETH_DST, buf, at + ETH_SRC);
  etherAddrCopy(buf, at + ETH_SRC, src, srcAt);
}
