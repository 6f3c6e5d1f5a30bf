/**
 * An skb for people: where its frame, headers and room are, and who holds it; as an object, and as the kernel would log
 * it. cf. skb_dump, net/core/skbuff.c. Lines about what ours do not have (fragments, hash, encapsulation) are left out.
 */
import { SKB_HEADER_UNSET, type SkBuff } from './skbuff.ts';

/** Offsets count from `head`; a header that is not set is -1. */
export interface SkbGeometry {
  len: number;
  headroom: number;
  headlen: number;
  tailroom: number;
  data: number;
  tail: number;
  end: number;
  mac_header: number;
  mac_len: number;
  network_header: number;
  transport_header: number;
  users: number;
  dataref: number;
  cloned: boolean;
  nr_frags: 0;
  gso: { size: number; type: number; segs: number };
  csum: { start: number; offset: number; ip_summed: number };
  protocol: number;
  pkt_type: number;
  priority: number;
  mark: number;
  queue_mapping: number;
  cb: readonly number[];
  dev: string | null;
}

export function skbGeometry(skb: SkBuff): SkbGeometry {
  const { head, data, tail, end, networkHeader: net, macHeader: mac } = skb;
  const from = (at: number) => (at === SKB_HEADER_UNSET ? -1 : at - head);
  return {
    len: tail - data,
    headroom: data - head,
    headlen: tail - data,
    tailroom: end - tail,
    data: data - head,
    tail: tail - head,
    end: end - head,
    mac_header: from(mac),
    mac_len: mac === SKB_HEADER_UNSET ? 0 : (net === SKB_HEADER_UNSET ? data : net) - mac,
    network_header: from(net),
    transport_header: from(skb.transportHeader),
    users: skb.users,
    dataref: skb.shinfo.dataref,
    cloned: skb.shinfo.dataref !== 1,
    nr_frags: 0,
    ...described(skb),
  };
}

/** The offload fields mean nothing while the checksum is CHECKSUM_NONE. */
function described(skb: SkBuff) {
  const offloaded = skb.ipSummed !== 0;
  return {
    gso: {
      size: skb.gsoSize,
      type: skb.gsoSize > 0 ? skb.gsoType : 0,
      segs: skb.gsoSize > 0 ? skb.gsoSegs : 0,
    },
    csum: {
      start: offloaded ? skb.csumStart - skb.head : 0,
      offset: offloaded ? skb.csumOffset : 0,
      ip_summed: skb.ipSummed,
    },
    protocol: skb.protocol,
    pkt_type: skb.pktType,
    priority: skb.priority,
    mark: skb.mark,
    queue_mapping: skb.queueMapping,
    cb: [skb.cb0, skb.cb1, skb.cb2, skb.cb3],
    dev: skb.dev?.name ?? null,
  };
}

/** What the kernel's log would show; `full` also the bytes of headroom and tailroom, as it does for a whole packet. */
export function skbDump(skb: SkBuff, full = false): string {
  const g = skbGeometry(skb);
  const linear = dumpBytes('skb linear:   ', skb.buf, skb.data, skb.tail);
  return [
    `skb len=${g.len} headroom=${g.headroom} headlen=${g.headlen} tailroom=${g.tailroom}`,
    `end-tail=${g.end - g.tail} mac=(${g.mac_header},${g.mac_len}) mac_len=${g.mac_len}` +
      ` net=(${g.network_header},${netLen(g)}) trans=${g.transport_header}`,
    `shinfo(txflags=0 nr_frags=0 gso(size=${g.gso.size} type=${g.gso.type} segs=${g.gso.segs}))`,
    `csum(start=${g.csum.start} offset=${g.csum.offset} ip_summed=${g.csum.ip_summed})`,
    `proto=0x${hex(g.protocol, 4)} pkttype=${g.pkt_type} users=${g.users} dataref=${g.dataref}`,
    `priority=0x${hex(g.priority)} mark=0x${hex(g.mark)}`,
    `dev name=${g.dev ?? '<NULL>'}`,
    ...(full ? dumpBytes('skb headroom: ', skb.buf, skb.head, skb.data) : []),
    ...linear,
    ...(full ? dumpBytes('skb tailroom: ', skb.buf, skb.tail, skb.end) : []),
  ].join('\n');
}

function netLen(g: SkbGeometry): number {
  return g.network_header < 0 || g.transport_header < 0 ? -1 : g.transport_header - g.network_header;
}

const hex = (n: number, width = 1): string => n.toString(16).padStart(width, '0');

/** Sixteen bytes a line, behind their offset. cf. print_hex_dump */
function dumpBytes(label: string, buf: Uint8Array, from: number, to: number): string[] {
  const lines: string[] = [];
  for (let at = from; at < to; at += 16) {
    const bytes = [...buf.subarray(at, Math.min(at + 16, to))].map((byte) => hex(byte, 2)).join(' ');
    lines.push(`${label}${hex(at - from, 8)}: ${bytes}`);
  }
  return lines;
}
