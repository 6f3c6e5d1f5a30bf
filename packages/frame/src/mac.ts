/** MAC addresses as six bytes at an offset; text only at the edges. cf. include/linux/etherdevice.h */
import { getU16, getU32 } from './bytes.ts';

export const ETH_ALEN = 6;

/** The first two bytes: with macLo, an address as two integers that hash and compare without a view. */
export function macHi(buf: Uint8Array, at: number): number {
  return getU16(buf, at);
}

/** The last four bytes, unsigned. */
export function macLo(buf: Uint8Array, at: number): number {
  return getU32(buf, at + 2);
}

/** The group bit: multicast, and broadcast too. */
export function isMulticastEther(buf: Uint8Array, at: number): boolean {
  return (buf[at]! & 0x01) !== 0;
}

export function isBroadcastEther(buf: Uint8Array, at: number): boolean {
  return getU16(buf, at) === 0xffff && getU32(buf, at + 2) === 0xffffffff;
}

export function isZeroEther(buf: Uint8Array, at: number): boolean {
  return getU16(buf, at) === 0 && getU32(buf, at + 2) === 0;
}

/** What a station may be called: neither a group address nor all zero. */
export function isValidEtherAddr(buf: Uint8Array, at: number): boolean {
  return !isMulticastEther(buf, at) && !isZeroEther(buf, at);
}

export function isLocalEther(buf: Uint8Array, at: number): boolean {
  return (buf[at]! & 0x02) !== 0;
}

export function etherAddrEqual(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  return getU32(a, aAt) === getU32(b, bAt) && getU16(a, aAt + 4) === getU16(b, bAt + 4);
}

export function etherAddrCopy(dst: Uint8Array, dstAt: number, src: Uint8Array, srcAt: number): void {
  for (let i = 0; i < ETH_ALEN; i++) dst[dstAt + i] = src[srcAt + i]!;
}

/** `02:00:00:00:00:01`: lower case, as the kernel prints it. */
export function macToString(buf: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < ETH_ALEN; i++) {
    text += (i === 0 ? '' : ':') + buf[at + i]!.toString(16).padStart(2, '0');
  }
  return text;
}

const MAC_TEXT = /^[0-9a-f]{2}(?:(:|-)[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i;

/** Six pairs of hexadecimal digits joined by ':' or by '-'; null for anything else. */
export function parseMac(text: string): Uint8Array | null {
  if (!MAC_TEXT.test(text)) return null;
  const mac = new Uint8Array(ETH_ALEN);
  for (let i = 0; i < ETH_ALEN; i++) mac[i] = Number.parseInt(text.slice(i * 3, i * 3 + 2), 16);
  return mac;
}
