/** RTM_GETNEIGH answers as `ip -j -s neigh` prints them. Pure. cf. print_neigh, iproute2 ip/ipneigh.c */
import { ipText, llText } from './ip-text.ts';
import { decodeAttributes, malformed } from './netlink-message.ts';

export const RTM_GETNEIGH = 30;
const NDMSG_SIZE = 12;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_CACHEINFO = 3;
const NDA_PROBES = 4;
/** The kernel tells times to programs in hundredths of a second, whatever its own clock. */
const USER_HZ = 100;

// biome-ignore format: one state a line
const STATES: readonly (readonly [number, string])[] = [
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
];
/** What `ip neigh` leaves out unless it is asked for. */
const HIDDEN_STATES = [0x00, 0x40];

const FLAGS: readonly (readonly [number, string])[] = [
  [0x80, 'router'],
  [0x08, 'proxy'],
  [0x10, 'extern_learn'],
];

export interface DumpedNeighbour {
  readonly ifindex: number;
  readonly dst: string;
  readonly lladdr?: string;
  /** `router: null` and its like: keys that are there or not. */
  readonly flags: Record<string, null>;
  /** refcnt, used, confirmed, updated, probes; times are seconds since then. */
  readonly counters: Record<string, number>;
  readonly state: string[];
}

/** Null for what `ip neigh` does not show. */
export function decodeNeighbour(payload: Buffer): DumpedNeighbour | null {
  if (payload.length < NDMSG_SIZE) throw malformed('ndmsg', 0);
  const state = payload.readUInt16LE(8);
  const attributes = decodeAttributes(payload, NDMSG_SIZE);
  const dst = attributes.get(NDA_DST);
  const lladdr = attributes.get(NDA_LLADDR);
  if (dst === undefined || HIDDEN_STATES.includes(state)) return null;
  const flags = FLAGS.filter(([flag]) => (payload.readUInt8(10) & flag) !== 0);
  return {
    ifindex: payload.readInt32LE(4),
    dst: ipText(dst),
    ...(lladdr === undefined ? {} : { lladdr: llText(lladdr) }),
    flags: Object.fromEntries(flags.map(([, name]) => [name, null])),
    counters: { ...cacheInfo(attributes.get(NDA_CACHEINFO)), ...probes(attributes.get(NDA_PROBES)) },
    state: STATES.filter(([bit]) => (state & bit) !== 0).map(([, name]) => name),
  };
}

/** struct nda_cacheinfo. As iproute2, a count of no users is not told. */
function cacheInfo(info: Buffer | undefined): Record<string, number> {
  if (info === undefined || info.length < 16) return {};
  const [confirmed, used, updated] = [0, 4, 8].map((at) => Math.floor(info.readUInt32LE(at) / USER_HZ));
  const refcnt = info.readUInt32LE(12);
  return { ...(refcnt === 0 ? {} : { refcnt }), used: used!, confirmed: confirmed!, updated: updated! };
}

function probes(count: Buffer | undefined): Record<string, number> {
  return count === undefined || count.length < 4 ? {} : { probes: count.readUInt32LE(0) };
}
