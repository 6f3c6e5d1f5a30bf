/** Handles of qdiscs and classes as text: "8001:", "1:2", "root". cf. tc_core's get_qdisc_handle, get_tc_classid */
import { NetError } from '../net-error.ts';
import type { Qdisc } from './qdisc.ts';

const HEX = /^([0-9a-f]{0,4})(?::([0-9a-f]{0,4}))?$/i;

/** The major number; 0 for "0:" and for none given. */
export function readHandle(text: string | undefined): number {
  if (text === undefined) return 0;
  const found = HEX.exec(text);
  if (found === null) throw new NetError('EINVAL', `Invalid qdisc ID "${text}": write it as 1: or 8001:`);
  return hex(found[1]);
}

export interface ClassId {
  readonly major: number;
  readonly minor: number;
}

/** Null for the root. */
export function readParent(text: string | undefined): ClassId | null {
  if (text === undefined || text === 'root') return null;
  const found = HEX.exec(text);
  if (found === null)
    throw new NetError('EINVAL', `Invalid parent ID "${text}": write root, or a class as 1:2`);
  return { major: hex(found[1]), minor: hex(found[2]) };
}

export function showHandle(q: Qdisc): string {
  return `${q.handle.toString(16)}:`;
}

/** Of a qdisc that hangs under another: "1:2", or ":2" where that is a default. */
export function showParent(q: Qdisc): string {
  const major = q.parentQdisc?.handle ?? 0;
  return `${major === 0 ? '' : major.toString(16)}:${q.parentMinor.toString(16)}`;
}

function hex(digits: string | undefined): number {
  return digits === undefined || digits === '' ? 0 : Number.parseInt(digits, 16);
}
