/** The words behind `ip link set DEV`, and what each becomes in REST. cf. iproute2 ip/iplink.c: iplink_parse */
import type { DevicePatch } from '@etherloom/schema';
import { duplicate, mistake, wrongArgument } from './mistakes.ts';
import { readUnsigned } from './tc-units.ts';
import { isCut, type WordList } from './word-list.ts';

export interface Setter {
  fits(word: string): boolean;
  set(words: WordList, patch: DevicePatch): void;
}

const exactly =
  (...names: string[]) =>
  (word: string) =>
    names.includes(word);
const cutOf = (name: string) => (word: string) => isCut(word, name);

function setter(fits: Setter['fits'], set: Setter['set']): Setter {
  return { fits, set };
}

/** Asked in this order, as iproute2 compares. */
export const LINK_SETTERS: readonly Setter[] = [
  setter(exactly('up'), (_words, patch) => { patch.up = true; }),
  setter(exactly('down'), (_words, patch) => { patch.up = false; }),
  setter(cutOf('address'), (words, patch) => { patch.address = lladdr(words.take()); }),
  setter((word) => word === 'qlen' || isCut(word, 'txqueuelen') || isCut(word, 'txqlen'), txqueuelen),
  setter(exactly('mtu'), (words, patch) => { patch.mtu = once(patch.mtu, 'mtu', number(words.take(), 'mtu')); }),
  setter(exactly('allmulticast'), (words, patch) => { patch.allmulticast = onOff(words.take(), 'allmulticast'); }),
  setter(exactly('promisc'), (words, patch) => { patch.promisc = onOff(words.take(), 'promisc'); }),
  setter(exactly('carrier'), (words, patch) => { patch.carrier = carrier(words.take()); }),
  setter(cutOf('alias'), (words, patch) => { patch.ifalias = words.take(); }),
  setter(exactly('group'), (words, patch) => { patch.group = readGroup(words.take()); }),
  setter(exactly('mode'), (words, patch) => { patch.mode = mode(words.take()); }),
  setter(exactly('multicast'), (words, patch) => { patch.multicast = onOff(words.take(), 'multicast'); }),
  setter(exactly('arp'), (words, patch) => { patch.arp = onOff(words.take(), 'arp'); }),
  ...['name', 'dynamic', 'trailers', 'broadcast', 'brd', 'netns', 'master', 'nomaster', 'vf', 'xdp', 'vrf',
    'state', 'addrgenmode', 'protodown', 'numtxqueues', 'numrxqueues', 'gso_max_size', 'gso_max_segs', 'gro_max_size',
    'type', 'link-netns', 'link-netnsid', 'index'].map((name) => setter(exactly(name), unsupported(name))),
]; // biome-ignore format: a table

function txqueuelen(words: WordList, patch: DevicePatch): void {
  patch.txqlen = once(patch.txqlen, 'txqueuelen', number(words.take(), 'txqueuelen'));
}

function unsupported(name: string) {
  return () => {
    throw mistake(
      `"${name}" cannot be set on a device of a lab; what can: up, down, mtu, address, txqueuelen, promisc, ` +
        'allmulticast, multicast, arp, carrier, alias, group, mode',
    );
  };
}

function once(before: number | undefined, key: string, value: number): number {
  if (before !== undefined) throw duplicate(key, String(value));
  return value;
}

function number(text: string, what: string): number {
  const value = readUnsigned(text);
  if (value === null) throw wrongArgument(text, `Invalid "${what}" value`);
  return value;
}

function onOff(text: string, what: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw mistake(`Error: argument of "${what}" must be "on" or "off", not "${text}"`, 1);
}

function lladdr(text: string): string {
  if (/^[\da-f]{1,2}(:[\da-f]{1,2}){5}$/i.test(text)) {
    return text.split(':').map((byte) => byte.padStart(2, '0')).join(':').toLowerCase(); // biome-ignore format: one thought
  }
  throw mistake(`"${text}" is invalid lladdr.`, 1);
}

/** Why a text and a code of its own: iproute2 reads this one by another function, whose refusal is EINVAL. */
function carrier(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw mistake(`Error: argument of "carrier" must be one of "off", "on", not "${text}"`, 22);
}

export function readGroup(text: string): number {
  return text === 'default' ? 0 : number(text, 'group');
}

function mode(text: string): 'default' | 'dormant' {
  const found = (['default', 'dormant'] as const).find((name) => name === text.toLowerCase());
  if (found === undefined) throw wrongArgument(text, 'Invalid link mode');
  return found;
}
