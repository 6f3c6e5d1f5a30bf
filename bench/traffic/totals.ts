/** Sums of a traffic lab: where all frames went since it started, and between two moments at rest. */
import type { Rest } from '../../test/support/rest.ts';
import type { Account } from '../report/trial.ts';
import type { TrafficReport } from './words.ts';

export type Drops = Record<string, number>;

export interface Totals {
  readonly sent: number;
  readonly received: number;
  /** Under way: skbs in the nodes, and what waits in the switch. */
  readonly held: number;
  /** By place and reason. Those of the way in happened before a flood was copied. */
  readonly dropsIn: Drops;
  readonly dropsOut: Drops;
}

export function addDrops(to: Drops, where: string, drops: Readonly<Drops>): void {
  for (const [reason, n] of Object.entries(drops)) {
    const name = `${where} ${reason}`;
    to[name] = (to[name] ?? 0) + n;
  }
}

function minus(a: Drops, b: Drops): Drops {
  const rest = Object.entries(a).map(([name, n]): [string, number] => [name, n - (b[name] ?? 0)]);
  return Object.fromEntries(rest.filter(([, n]) => n !== 0));
}

const scaled = (drops: Drops, by: number): Drops =>
  Object.fromEntries(Object.entries(drops).map(([name, n]) => [name, n * by]));

/** Where went what was sent between two moments at rest, when every frame had `copies` to make. */
export function accountOf(what: string, before: Totals, after: Totals, copies = 1): Account {
  const dropsIn = scaled(minus(after.dropsIn, before.dropsIn), copies);
  return {
    what,
    expected: (after.sent - before.sent) * copies,
    received: after.received - before.received,
    held: after.held - before.held,
    drops: { ...dropsIn, ...minus(after.dropsOut, before.dropsOut) },
  };
}

/** The sums of all nodes and links. Every link ends in the LAN, so forward is the way in. */
export async function totalsOf(rest: Rest, links: readonly string[], reports: readonly TrafficReport[]) {
  const dropsIn: Drops = {};
  const dropsOut: Drops = {};
  let held = 0;
  for (const stats of await inGroups(links, (link) => statsOf(rest, link))) {
    addDrops(dropsIn, 'switch', stats.forward.drops);
    addDrops(dropsOut, 'switch', stats.reverse.drops);
    held += stats.forward.queue + stats.reverse.queue;
  }
  for (const { drops } of reports) addDrops(dropsOut, 'device', drops);
  const sum = (what: 'sent' | 'received' | 'held') => reports.reduce((n, report) => n + report[what], 0);
  const totals: Totals = {
    sent: sum('sent'),
    received: sum('received'),
    held: held + sum('held'),
    dropsIn,
    dropsOut,
  };
  return totals;
}

async function statsOf(rest: Rest, link: string) {
  const { status, body } = await rest('GET', `/v1/links/${link}/stats`);
  if (status !== 200) throw new Error(`no sums of link ${link}: ${JSON.stringify(body)}`);
  if (!body.balanced) throw new Error(`the account of link ${link} does not add up: ${JSON.stringify(body)}`);
  return body;
}

/** So many requests at a time that control has no queue of its own. */
async function inGroups<T, R>(list: readonly T[], ask: (one: T) => Promise<R>, size = 32): Promise<R[]> {
  const answers: R[] = [];
  for (let i = 0; i < list.length; i += size)
    answers.push(...(await Promise.all(list.slice(i, i + size).map(ask))));
  return answers;
}
