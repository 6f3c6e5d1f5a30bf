/** IPv4 addresses and prefixes as unsigned 32-bit numbers; text only at the edges. cf. include/linux/in.h */

export const INADDR_ANY = 0;
export const INADDR_BROADCAST = 0xffffffff;

export interface Cidr {
  /** As written, host bits included. */
  readonly address: number;
  readonly prefixLen: number;
}

const DECIMAL_BYTE = /^(?:0|[1-9][0-9]{0,2})$/;

/** Four decimal numbers with no leading zero (they are octal to inet_aton); null for anything else. */
export function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let address = 0;
  for (const part of parts) {
    const byte = DECIMAL_BYTE.test(part) ? Number(part) : 256;
    if (byte > 255) return null;
    address = address * 256 + byte;
  }
  return address;
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `10.0.0.1/24`; without a length the prefix is 32, as iproute2 has it. Null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const [host = '', len, ...rest] = text.split('/');
  const address = parseIpv4(host);
  const prefixLen = len === undefined ? 32 : DECIMAL_BYTE.test(len) ? Number(len) : 33;
  if (address === null || rest.length > 0 || prefixLen > 32) return null;
  return { address, prefixLen };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.address)}/${cidr.prefixLen}`;
}

export function prefixMask(prefixLen: number): number {
  return prefixLen === 0 ? 0 : (0xffffffff << (32 - prefixLen)) >>> 0;
}

export function ipv4Network(address: number, prefixLen: number): number {
  return (address & prefixMask(prefixLen)) >>> 0;
}

/** The subnet broadcast address, or INADDR_BROADCAST where the prefix is too long to have one (RFC 3021). */
export function ipv4Broadcast(address: number, prefixLen: number): number {
  return prefixLen >= 31 ? INADDR_BROADCAST : (address | ~prefixMask(prefixLen)) >>> 0;
}

export function ipv4InPrefix(address: number, network: number, prefixLen: number): boolean {
  return ((address ^ network) & prefixMask(prefixLen)) === 0;
}

/** 224.0.0.0/4. */
export function ipv4IsMulticast(address: number): boolean {
  return address >>> 28 === 0xe;
}

/** 127.0.0.0/8. */
export function ipv4IsLoopback(address: number): boolean {
  return address >>> 24 === 127;
}

/** 0.0.0.0/8. */
export function ipv4IsZeronet(address: number): boolean {
  return address >>> 24 === 0;
}
