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
  'UDP_CSUM',
  'OTHERHOST',
  'IP_CSUM',
  'IP_INHDR',
  'IP_OUTNOROUTES',
  'NEIGH_CREATEFAIL',
  'NEIGH_FAILED',
  'NEIGH_QUEUEFULL',
  'QDISC_DROP',
  'CPU_BACKLOG',
  'UNHANDLED_PROTO',
  'DEV_READY',
  'FULL_RING',
  'NOMEM',
  'ICMP_CSUM',
  'INVALID_PROTO',
  'IP_INADDRERRORS',
  'IP_INNOROUTES',
  'PKT_TOO_BIG',
  'DUP_FRAG',
  'FRAG_REASM_TIMEOUT',
  'IP_INVALID_DEST',
  'QUEUE_PURGE',
  'RECURSION_LIMIT',
  'TTL_EXCEEDED',
  'DEV_CARRIER',
] as const;

export type SkbDropReason = number;

export const SKB_NOT_DROPPED_YET = 0;
export const SKB_CONSUMED = 1;
export const SKB_DROP_REASON_NOT_SPECIFIED = 2;
export const SKB_DROP_REASON_NO_SOCKET = 3;
export const SKB_DROP_REASON_PKT_TOO_SMALL = 4;
export const SKB_DROP_REASON_UDP_CSUM = 5;
export const SKB_DROP_REASON_OTHERHOST = 6;
export const SKB_DROP_REASON_IP_CSUM = 7;
export const SKB_DROP_REASON_IP_INHDR = 8;
export const SKB_DROP_REASON_IP_OUTNOROUTES = 9;
export const SKB_DROP_REASON_NEIGH_CREATEFAIL = 10;
export const SKB_DROP_REASON_NEIGH_FAILED = 11;
export const SKB_DROP_REASON_NEIGH_QUEUEFULL = 12;
export const SKB_DROP_REASON_QDISC_DROP = 13;
export const SKB_DROP_REASON_CPU_BACKLOG = 14;
export const SKB_DROP_REASON_UNHANDLED_PROTO = 15;
export const SKB_DROP_REASON_DEV_READY = 16;
export const SKB_DROP_REASON_FULL_RING = 17;
export const SKB_DROP_REASON_NOMEM = 18;
export const SKB_DROP_REASON_ICMP_CSUM = 19;
export const SKB_DROP_REASON_INVALID_PROTO = 20;
export const SKB_DROP_REASON_IP_INADDRERRORS = 21;
export const SKB_DROP_REASON_IP_INNOROUTES = 22;
export const SKB_DROP_REASON_PKT_TOO_BIG = 23;
export const SKB_DROP_REASON_DUP_FRAG = 24;
export const SKB_DROP_REASON_FRAG_REASM_TIMEOUT = 25;
export const SKB_DROP_REASON_IP_INVALID_DEST = 26;
export const SKB_DROP_REASON_QUEUE_PURGE = 27;
export const SKB_DROP_REASON_RECURSION_LIMIT = 28;
export const SKB_DROP_REASON_TTL_EXCEEDED = 29;
export const SKB_DROP_REASON_DEV_CARRIER = 30;
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
