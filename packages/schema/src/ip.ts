/** IP addresses and prefixes as text; compared as numbers, so `fd00::3` and `fd00:0:0::3` are one. */
import { z } from 'zod';

export interface IpValue {
  readonly version: 4 | 6;
  readonly value: bigint;
}
export interface CidrValue extends IpValue {
  readonly prefix: number;
}

const IPV4 = z.ipv4();
const IPV6 = z.ipv6();

/** Null when the text is no address. */
export function parseIp(text: string): IpValue | null {
  if (IPV4.safeParse(text).success) return { version: 4, value: ipv4Value(text) };
  if (IPV6.safeParse(text).success) return { version: 6, value: ipv6Value(text) };
  return null;
}

/** Null when the text is no `address/prefix`. */
export function parseCidr(text: string): CidrValue | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const ip = match === null ? null : parseIp(match[1]!);
  const prefix = Number(match?.[2]);
  return ip === null || prefix > ipBits(ip) ? null : { ...ip, prefix };
}

/** True when the address lies in the prefix. */
export function cidrContains(cidr: CidrValue, ip: IpValue): boolean {
  const shift = BigInt(ipBits(cidr) - cidr.prefix);
  return cidr.version === ip.version && cidr.value >> shift === ip.value >> shift;
}

function ipBits(ip: IpValue): number {
  return ip.version === 4 ? 32 : 128;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = ipv6Groups(head);
  const right = ipv6Groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...new Array<bigint>(zeros).fill(0n), ...right];
  return groups.reduce((sum, group) => sum * 65536n + group, 0n);
}

function ipv6Groups(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const v4 = ipv4Value(group);
    return [v4 >> 16n, v4 & 0xffffn];
  });
}

const CIDR_RULE = 'write an address with its prefix length, as "10.0.0.1/24" or "fd00::1/64"';

/** An interface address with its prefix length, fit for a station. */
export const Cidr = z
  .string(CIDR_RULE)
  .refine((text) => parseCidr(text) !== null, { error: CIDR_RULE, abort: true })
  .refine(
    (text) => isUnicastIp(parseCidr(text)!),
    'a station cannot have a multicast, broadcast or zero address',
  )
  .overwrite((text) => text.toLowerCase())
  .meta({ description: 'Address with prefix length.', examples: ['10.0.0.1/24', 'fd00::1/64'] });

function isUnicastIp({ version, value }: IpValue): boolean {
  if (value === 0n) return false;
  return version === 4 ? value < 224n << 24n : value >> 120n !== 0xffn;
}

const IP_RULE = 'write an IP address, as "10.0.0.254" or "fd00::1"';

export const Ip = z
  .string(IP_RULE)
  .refine((text) => parseIp(text) !== null, IP_RULE)
  .overwrite((text) => text.toLowerCase())
  .meta({ description: 'IP address.', examples: ['10.0.0.254'] });
