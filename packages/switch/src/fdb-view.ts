/** A LAN's forwarding database as `bridge -j fdb show` prints it, and changes to it by name. */

import { FDB_DYNAMIC, FDB_PERMANENT, FDB_STATIC, type FdbEntry as RawEntry } from '@etherloom/bridge';
import { parseMac } from '@etherloom/frame';
import { NetError } from '@etherloom/netcore';
import type { FdbEntry } from '@etherloom/schema';
import type { Lan } from './lan.ts';

const STATE = { [FDB_DYNAMIC]: '', [FDB_STATIC]: 'static', [FDB_PERMANENT]: 'permanent' } as const;

export function fdbList(lan: Lan, now: number): FdbEntry[] {
  return lan.bridge.fdb.entries(now).map((entry) => fdbView(lan, entry));
}

export function fdbAdd(lan: Lan, mac: string, ifname: string, state: string, now: number): FdbEntry {
  const address = unicastMac(mac);
  const port = lan.portOf(ifname).bridgePort.no;
  const flag = state === 'permanent' ? FDB_PERMANENT : FDB_STATIC;
  if (!lan.bridge.fdb.add(address, 0, port, flag, now)) {
    throw new NetError(
      'ENOSPC',
      `LAN ${lan.name}: the forwarding database is full (${lan.bridge.fdb.capacity})`,
    );
  }
  return fdbView(lan, { mac: mac.toLowerCase(), port, state: flag, age: 0 });
}

export function fdbDel(lan: Lan, mac: string, ifname?: string): void {
  const port = ifname === undefined ? undefined : lan.portOf(ifname).bridgePort.no;
  if (lan.bridge.fdb.delete(unicastMac(mac), 0, port)) return;
  const where = ifname === undefined ? '' : ` behind ${ifname}`;
  throw new NetError('ENOENT', `LAN ${lan.name} knows no ${mac}${where}`);
}

function fdbView(lan: Lan, { mac, port, state, age }: RawEntry): FdbEntry {
  const ifname = lan.port(port).endpoint;
  return { mac, ifname, flags: [], master: lan.name, state: STATE[state], updated: Math.round(age) / 1000 };
}

function unicastMac(text: string): Uint8Array {
  const mac = parseMac(text);
  if (mac === null) throw new NetError('EINVAL', `"${text}" is no MAC address`);
  if (mac[0]! & 1)
    throw new NetError('EINVAL', `${text} is a group address; a forwarding entry is for one station`);
  return mac;
}
