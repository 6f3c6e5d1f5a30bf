/** MAC addresses: as written, and as derived when nobody wrote one. */
import { z } from 'zod';

const MAC_RULE = 'a MAC address is six hexadecimal bytes, as in "02:00:00:00:00:01"';
const MAC = /^[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}$/;

/** Any MAC address, in lower case with colons. */
export const AnyMac = z
  .string(MAC_RULE)
  .regex(MAC, MAC_RULE)
  .overwrite((text) => text.toLowerCase().replaceAll('-', ':'))
  .meta({ description: 'MAC address.', examples: ['02:00:00:00:00:01'] });

/** A station's address, cf. is_valid_ether_addr(): neither multicast nor zero. */
export const Mac = AnyMac.refine((mac) => !isMulticastMac(mac), {
  error: (issue) =>
    `${String(issue.input)} is a multicast address: the first byte of a station's address is even`,
})
  .refine((mac) => mac !== '00:00:00:00:00:00', 'a station cannot have the zero address')
  .meta({ description: 'Unicast MAC address.', examples: ['02:00:00:00:00:01'] });
export type Mac = z.output<typeof Mac>;

function isMulticastMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** The same locally administered unicast address every time for the same lab, node and device. */
export function deriveMac(lab: string, node: string, device: string): string {
  const text = `${lab}/${node}/${device}`;
  const high = hash32(text, 0);
  const low = hash32(text, 1);
  const bytes = [high & 0xff, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff];
  return `02:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** 32 well-mixed bits of a text: FNV-1a with murmur3's finish. */
export function hash32(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
