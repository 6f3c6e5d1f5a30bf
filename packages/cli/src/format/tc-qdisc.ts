/** The text and JSON of `tc [-s] [-d] qdisc show`. cf. iproute2 tc/tc_qdisc.c: print_qdisc; tc/tc_util.c: print_tcstats2_attr */

import { type Paint, PLAIN } from './paint.ts';
import { optionsJson, optionsText } from './tc-options.ts';
import { sizeText } from './tc-units.ts';

/** One element of `tc -j -s qdisc`. */
export interface ShownQdisc {
  readonly kind: string;
  readonly handle: string;
  readonly dev?: string | undefined;
  readonly root?: boolean | undefined;
  readonly parent?: string | undefined;
  readonly refcnt?: number | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly [counter: string]: unknown;
}

export interface QdiscView {
  readonly stats: boolean;
  readonly details: boolean;
  /** One device was asked for, so it is not named again. */
  readonly ofDevice: boolean;
  readonly paint?: Paint;
}

const PLACE_KEYS = ['kind', 'handle', 'dev', 'root', 'parent', 'refcnt', 'offloaded'];

export function formatQdisc(qdisc: ShownQdisc, view: QdiscView): string {
  const lines = [`${placeText(qdisc, view)}${optionsText(qdisc.kind, qdisc.options, view.details)}`];
  if (view.stats && qdisc['bytes'] !== undefined) lines.push(...statLines(qdisc), ...ownStats(qdisc));
  return lines.join('\n');
}

export function qdiscJson(qdisc: ShownQdisc, view: QdiscView): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of PLACE_KEYS) {
    if (key === 'dev' && view.ofDevice) continue;
    if (qdisc[key] !== undefined && qdisc[key] !== false) out[key] = qdisc[key];
  }
  out['options'] = optionsJson(qdisc.kind, qdisc.options, view.details);
  if (!view.stats) return out;
  const counters = Object.entries(qdisc).filter(([key]) => !PLACE_KEYS.includes(key) && key !== 'options');
  return { ...out, ...Object.fromEntries(counters) };
}

function placeText(qdisc: ShownQdisc, { ofDevice, paint = PLAIN }: QdiscView): string {
  const { kind, handle, dev, parent, refcnt } = qdisc;
  const device = ofDevice || dev === undefined ? '' : `dev ${paint('ifname', `${dev} `)}`;
  const below = parent === undefined ? '' : `parent ${parent} `;
  const count = refcnt === undefined ? '' : `refcnt ${refcnt} `;
  return `qdisc ${kind} ${handle} ${device}${qdisc.root ? 'root ' : below}${count}`;
}

function statLines(qdisc: ShownQdisc): string[] {
  const count = (key: string): number => Number(qdisc[key] ?? 0);
  const sent = `Sent ${count('bytes')} bytes ${count('packets')} pkt`;
  const dropped = `(dropped ${count('drops')}, overlimits ${count('overlimits')} requeues ${count('requeues')}) `;
  const backlog = `backlog ${sizeText(count('backlog'))} ${count('qlen')}p requeues ${count('requeues')}`;
  return [` ${sent} ${dropped}`, ` ${backlog}`];
}

/** What a qdisc counts of its own, the lines as tc breaks them; those with a question mark only when not zero. */
const OWN_STATS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  fq_codel: [
    ['maxpacket', 'drop_overlimit', 'new_flow_count', 'ecn_mark', 'ce_mark?', 'memory_used?', 'drop_overmemory?'],
    ['new_flows_len', 'old_flows_len'],
  ],
  netem: [['delayed', 'dropped', 'corrupted', 'duplicated', 'reordered', 'ecn_marked', 'alloc_errors?']],
}; // biome-ignore format: a table

function ownStats(qdisc: ShownQdisc): string[] {
  const lines = OWN_STATS[qdisc.kind] ?? [];
  if (qdisc[lines[0]?.[0] ?? ''] === undefined) return [];
  return lines.map((keys) => ` ${keys.map((key) => ownStat(qdisc, key)).join('')}`);
}

function ownStat(qdisc: ShownQdisc, entry: string): string {
  const key = entry.replace('?', '');
  const value = Number(qdisc[key] ?? 0);
  return entry.endsWith('?') && value === 0 ? '' : ` ${key} ${value}`;
}
