/**
 * Why a frame was dropped: small integers that index `dev.drops`. cf. include/net/dropreason-core.h
 * The names are the kernel's; the numbers are no ABI there and are ours here. The last group is our own.
 */
const REASONS = [
  'NOT_DROPPED_YET',
  'CONSUMED',
  'NOT_SPECIFIED',
  'NO_SOCKET',
  'PKT_TOO_SMALL',
  'SOCKET_RCVBUFF',
  'UDP_CSUM',
  'OTHERHOST',
  'IP_CSUM',
  'IP_INHDR',
  'UNICAST_IN_L2_MULTICAST',
  'PROTO_MEM',
  'IP_OUTNOROUTES',
  'NEIGH_CREATEFAIL',
  'NEIGH_FAILED',
  'NEIGH_QUEUEFULL',
  'NEIGH_DEAD',
  'QDISC_DROP',
  'CPU_BACKLOG',
  'UNHANDLED_PROTO',
  'SKB_CSUM',
  'DEV_HDR',
  'DEV_READY',
  'FULL_RING',
  'NOMEM',
  'HDR_TRUNC',
  'TAP_FILTER',
  'TAP_TXFILTER',
  'ICMP_CSUM',
  'INVALID_PROTO',
  'IP_INADDRERRORS',
  'IP_INNOROUTES',
  'PKT_TOO_BIG',
  'DUP_FRAG',
  'FRAG_REASM_TIMEOUT',
  'FRAG_TOO_FAR',
  'IP_INVALID_DEST',
  'QUEUE_PURGE',
  'MAC_INVALID_SOURCE',
  'MAC_IEEE_MAC_CONTROL',
  'BRIDGE_INGRESS_PORT_NFWD',
  'RECURSION_LIMIT',
  'TTL_EXCEEDED',
  'DEV_CARRIER',
  'TX_TIMEOUT',
  'NETEM_LOSS',
] as const;

export type SkbDropReason = number;

export const SKB_NOT_DROPPED_YET = 0;
export const SKB_CONSUMED = 1;
export const SKB_DROP_REASON_NOT_SPECIFIED = 2;
export const SKB_DROP_REASON_NO_SOCKET = 3;
export const SKB_DROP_REASON_PKT_TOO_SMALL = 4;
export const SKB_DROP_REASON_SOCKET_RCVBUFF = 5;
export const SKB_DROP_REASON_UDP_CSUM = 6;
export const SKB_DROP_REASON_OTHERHOST = 7;
export const SKB_DROP_REASON_IP_CSUM = 8;
export const SKB_DROP_REASON_IP_INHDR = 9;
export const SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST = 10;
export const SKB_DROP_REASON_PROTO_MEM = 11;
export const SKB_DROP_REASON_IP_OUTNOROUTES = 12;
export const SKB_DROP_REASON_NEIGH_CREATEFAIL = 13;
export const SKB_DROP_REASON_NEIGH_FAILED = 14;
export const SKB_DROP_REASON_NEIGH_QUEUEFULL = 15;
export const SKB_DROP_REASON_NEIGH_DEAD = 16;
export const SKB_DROP_REASON_QDISC_DROP = 17;
export const SKB_DROP_REASON_CPU_BACKLOG = 18;
export const SKB_DROP_REASON_UNHANDLED_PROTO = 19;
export const SKB_DROP_REASON_SKB_CSUM = 20;
export const SKB_DROP_REASON_DEV_HDR = 21;
export const SKB_DROP_REASON_DEV_READY = 22;
export const SKB_DROP_REASON_FULL_RING = 23;
export const SKB_DROP_REASON_NOMEM = 24;
export const SKB_DROP_REASON_HDR_TRUNC = 25;
export const SKB_DROP_REASON_TAP_FILTER = 26;
export const SKB_DROP_REASON_TAP_TXFILTER = 27;
export const SKB_DROP_REASON_ICMP_CSUM = 28;
export const SKB_DROP_REASON_INVALID_PROTO = 29;
export const SKB_DROP_REASON_IP_INADDRERRORS = 30;
export const SKB_DROP_REASON_IP_INNOROUTES = 31;
export const SKB_DROP_REASON_PKT_TOO_BIG = 32;
export const SKB_DROP_REASON_DUP_FRAG = 33;
export const SKB_DROP_REASON_FRAG_REASM_TIMEOUT = 34;
export const SKB_DROP_REASON_FRAG_TOO_FAR = 35;
export const SKB_DROP_REASON_IP_INVALID_DEST = 36;
export const SKB_DROP_REASON_QUEUE_PURGE = 37;
export const SKB_DROP_REASON_MAC_INVALID_SOURCE = 38;
export const SKB_DROP_REASON_MAC_IEEE_MAC_CONTROL = 39;
export const SKB_DROP_REASON_BRIDGE_INGRESS_PORT_NFWD = 40;
export const SKB_DROP_REASON_RECURSION_LIMIT = 41;
export const SKB_DROP_REASON_TTL_EXCEEDED = 42;
export const SKB_DROP_REASON_DEV_CARRIER = 43;
export const SKB_DROP_REASON_TX_TIMEOUT = 44;
export const SKB_DROP_REASON_NETEM_LOSS = 45;
export const SKB_DROP_REASON_MAX = REASONS.length;

/** 'PKT_TOO_BIG' for SKB_DROP_REASON_PKT_TOO_BIG. */
export function skbDropReasonName(reason: SkbDropReason): string {
  return REASONS[reason] ?? `UNKNOWN_${reason}`;
}

/** The non-zero counters of a drop table, by name: what statistics show. */
export function dropsByReason(drops: Float64Array): Record<string, number> {
  const named: Record<string, number> = {};
  for (let reason = 0; reason < drops.length; reason++) {
    if (drops[reason]! > 0) named[skbDropReasonName(reason)] = drops[reason]!;
  }
  return named;
}
