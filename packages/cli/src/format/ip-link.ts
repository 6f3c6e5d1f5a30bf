/** The text of `ip [-d] [-s [-s]] link`, column for column. cf. iproute2 ip/ipaddress.c: print_linkinfo, print_stats64 */
import type { IpLink } from '@etherloom/schema';

export interface LinkView {
  readonly details: boolean;
  /** How many times -s was given. */
  readonly stats: number;
}

export function formatLink(link: IpLink, view: LinkView): string {
  const lines = [headLine(link), addressLine(link)];
  if (view.details) lines.splice(1, 1, ...detailLines(link));
  if (link.ifalias) lines.push(`    alias ${link.ifalias}`);
  if (view.stats > 0 && link.stats64) lines.push(...statLines(link.stats64, view.stats > 1));
  return lines.join('\n');
}

/** `ip -br link`: name, state, address and flags. */
export function formatBrief(link: IpLink): string {
  const name = nameOf(link).padEnd(16);
  return `${name} ${link.operstate.padEnd(14)} ${link.address.padEnd(17)} <${link.flags.join(',')}> `;
}

/** What `ip -j` prints of a device for the options given: the same keys in the same order, no more. */
export function linkJson(link: IpLink, view: LinkView): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(link)) {
    if (key === 'stats64') continue;
    if (view.details || !DETAIL_KEYS.has(key)) out[key] = value;
  }
  if (view.stats > 0 && link.stats64) {
    const { rx, tx } = link.stats64;
    const keep = view.stats > 1 ? () => true : (key: string) => !ERROR_KEYS.has(key);
    out['stats64'] = { rx: pick(rx, keep), tx: pick(tx, keep) };
  }
  return out;
}

const DETAIL_KEYS = new Set([
  'promiscuity',
  'allmulti',
  'min_mtu',
  'max_mtu',
  'linkinfo',
  'inet6_addr_gen_mode',
  'num_tx_queues',
  'num_rx_queues',
  'gso_max_size',
  'gso_max_segs',
  'tso_max_size',
  'tso_max_segs',
  'gro_max_size',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
]);

const ERROR_KEYS = new Set([
  'length_errors',
  'crc_errors',
  'frame_errors',
  'fifo_errors',
  'missed_errors',
  'nohandler',
  'aborted_errors',
  'window_errors',
  'heartbeat_errors',
  'carrier_changes',
]);

function pick(counters: object, keep: (key: string) => boolean): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([key]) => keep(key)));
}

function nameOf(link: IpLink): string {
  return link.link ? `${link.ifname}@${link.link}` : link.ifname;
}

function headLine(link: IpLink): string {
  const master = link.master ? `master ${link.master} ` : '';
  const queue = link.txqlen ? ` qlen ${link.txqlen}` : ' ';
  return (
    `${link.ifindex}: ${nameOf(link)}: <${link.flags.join(',')}> mtu ${link.mtu} qdisc ${link.qdisc} ` +
    `${master}state ${link.operstate} mode ${link.linkmode} group ${link.group}${queue}`
  );
}

function addressLine(link: IpLink): string {
  return `    link/${link.link_type} ${link.address} brd ${link.broadcast}`;
}

function detailLines(link: IpLink): string[] {
  const first =
    `${addressLine(link)} promiscuity ${link.promiscuity}  allmulti ${link.allmulti} ` +
    `minmtu ${link.min_mtu} maxmtu ${link.max_mtu} `;
  const limits = LIMITS.filter(([key]) => link[key] !== undefined).map(
    ([key, label]) => `${label} ${link[key]} `,
  );
  const kind = link.linkinfo?.info_kind;
  if (!kind) return [first + limits.join('')];
  return [first, `    ${kind} ${infoData(link.linkinfo?.info_data)}${limits.join('')}`];
}

const LIMITS = [
  ['inet6_addr_gen_mode', 'addrgenmode'],
  ['num_tx_queues', 'numtxqueues'],
  ['num_rx_queues', 'numrxqueues'],
  ['gso_max_size', 'gso_max_size'],
  ['gso_max_segs', 'gso_max_segs'],
  ['tso_max_size', 'tso_max_size'],
  ['tso_max_segs', 'tso_max_segs'],
  ['gro_max_size', 'gro_max_size'],
] as const;

function infoData(data: Record<string, unknown> | undefined): string {
  return Object.entries(data ?? {})
    .filter(([key, value]) => key !== 'multi_queue' || value === true)
    .map(([key, value]) => `${key} ${typeof value === 'boolean' ? (value ? 'on' : 'off') : value} `)
    .join('');
}

type Stats = NonNullable<IpLink['stats64']>;
type Row = readonly (readonly [label: string, value: number | undefined])[];

/** The first column counts from the margin and holds the bytes; each next one is as wide as its longest cell. */
function statLines({ rx, tx }: Stats, errors: boolean): string[] {
  const rxRow = row(['bytes', rx.bytes], ['packets', rx.packets], ['errors', rx.errors], ['dropped', rx.dropped], ['missed', rx.missed_errors ?? rx.over_errors], ['mcast', rx.multicast], ['compressed', rx.compressed || undefined]); // biome-ignore format: a row of the table
  const rxErrors = row(['', undefined], ['length', rx.length_errors], ['crc', rx.crc_errors], ['frame', rx.frame_errors], ['fifo', rx.fifo_errors], ['overrun', rx.over_errors], ['nohandler', rx.nohandler || undefined]); // biome-ignore format: a row of the table
  const txRow = row(['bytes', tx.bytes], ['packets', tx.packets], ['errors', tx.errors], ['dropped', tx.dropped], ['carrier', tx.carrier_errors], ['collsns', tx.collisions], ['compressed', tx.compressed || undefined]); // biome-ignore format: a row of the table
  const txErrors = row(['', undefined], ['aborted', tx.aborted_errors], ['fifo', tx.fifo_errors], ['window', tx.window_errors], ['heartbt', tx.heartbeat_errors], ['transns', tx.carrier_changes]); // biome-ignore format: a row of the table
  const width = widths(errors ? [rxRow, rxErrors, txRow, txErrors] : [rxRow, txRow]);
  const lines = [...plainRow('RX:', rxRow, width)];
  if (errors) lines.push(...errorRow('RX errors:', rxErrors, width));
  lines.push(...plainRow('TX:', txRow, width));
  if (errors) lines.push(...errorRow('TX errors:', txErrors, width));
  return lines;
}

function row(...cells: Row[number][]): Row {
  return cells;
}

const MIN_WIDTHS = [
  '*X errors:',
  'packets',
  'errors',
  'dropped',
  'heartbt',
  'overrun',
  'compressed',
].map((label) => label.length); // biome-ignore format: iproute2's own list

function widths(rows: readonly Row[]): number[] {
  return MIN_WIDTHS.map((least, i) => Math.max(least, ...rows.map((cells) => digits(cells[i]?.[1]))));
}

function digits(value: number | undefined): number {
  return value === undefined ? 0 : String(value).length;
}

function plainRow(title: string, cells: Row, width: readonly number[]): string[] {
  const shown = cells.slice(0, 6);
  const last = cells[6]?.[1] === undefined ? '' : 'compressed';
  const first = shown[0]![0].padStart(width[0]! - 4);
  const head = shown.slice(1).map(([label], i) => label.padStart(width[i + 1]!));
  return [
    `    ${title} ${[first, ...head, last.padStart(width[6]!)].join(' ')}`,
    `    ${numbers(last === '' ? shown : cells, width, 0)}`,
  ];
}

function errorRow(title: string, cells: Row, width: readonly number[]): string[] {
  const shown = cells.filter(([label, value], i) => i > 0 && (label !== 'nohandler' || value !== undefined));
  const head = shown.map(([label], i) => label.padStart(width[i + 1]!)).join(' ');
  return [
    `    ${title}${' '.repeat(width[0]! - 10)} ${head}`,
    `${' '.repeat(width[0]! + 5)}${numbers(shown, width, 1)}`,
  ];
}

function numbers(cells: Row, width: readonly number[], from: number): string {
  return cells.map(([, value], i) => `${String(value ?? 0).padStart(width[i + from]!)} `).join('');
}
