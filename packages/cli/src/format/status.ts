/** `etherloom status`: the lab at a glance, within 100 columns. */
import type {
  DeviceProblem,
  IpLink,
  Lab,
  LanView,
  LinkStats,
  LinkView,
  Node,
  NodeView,
} from '@etherloom/schema';
import { table } from './table.ts';
import { countText, impairText } from './units.ts';

export interface StatusView {
  readonly url: string;
  readonly lab: Lab;
  readonly nodes: readonly NodeView[];
  /** By node; a node that is not connected has none. */
  readonly devices: ReadonlyMap<string, readonly IpLink[]>;
  readonly lans: readonly LanView[];
  readonly links: readonly LinkView[];
  /** By link; absent while the switch cannot say. */
  readonly stats: ReadonlyMap<string, LinkStats>;
  /** What control still waits for; empty when the lab has converged. */
  readonly waiting: readonly string[];
}

export type Headline = Pick<StatusView, 'lab' | 'url' | 'nodes' | 'lans' | 'links' | 'waiting'>;

export function formatStatus(view: StatusView): string {
  const parts = [headline(view), nodeTable(view), lanTable(view), linkTable(view)];
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n'); // biome-ignore format: one sentence
}

/** The lab in a line, and below it what it waits for. */
export function headline({ lab, url, nodes, lans, links, waiting }: Headline): string[] {
  const size = [
    `${count(nodes, 'node')}${processText(nodes)}`,
    count(lans, 'LAN'),
    count(links, 'link'),
  ].join(', ');
  // What stands under its device is not said twice.
  const told = new Set(
    nodes.flatMap(({ name, problems = [] }) => problems.map((each) => problemText(name, each))),
  );
  const missing = waiting.filter((what) => !told.has(what)).map((what) => `  ${what}`);
  const state = waiting.length === 0 ? 'converged' : `not converged${missing.length > 0 ? ':' : ''}`;
  return [`${lab.name}  ${url}  ${size}  ${state}`, ...missing];
}

/** In how many processes they are, where they share some. */
function processText(nodes: readonly NodeView[]): string {
  const hosted = nodes.flatMap(({ process }) => process ?? []);
  const processes = new Set(hosted.map(({ address, pid }) => `${address} ${pid}`));
  return processes.size < hosted.length
    ? ` in ${processes.size === 1 ? '1 process' : `${processes.size} processes`}`
    : '';
}

/** As readiness puts it. */
function problemText(node: string, { device, code, message }: DeviceProblem): string {
  return `node ${node}${device && `, ${device}`}: ${message} (${code})`;
}

function count(things: readonly unknown[], word: string): string {
  return `${things.length} ${word}${things.length === 1 ? '' : 's'}`;
}

function nodeTable({ nodes, devices, lab }: StatusView): string[] {
  if (nodes.length === 0) return [];
  const rows = nodes.flatMap((node) => {
    const cells = deviceRows(node, devices.get(node.name), lab.nodes[node.name]?.devices ?? {});
    const head = [node.name, node.stack, node.connected ? 'yes' : 'NO'];
    return cells.map((row, i) => ({
      cells: [...(i === 0 ? head : ['', '', '']), ...row.cells],
      notes: row.notes,
    }));
  });
  const lines = table(
    [
      { title: 'NODE' },
      { title: 'STACK' },
      { title: 'CONN' },
      { title: 'DEVICE' },
      { title: 'STATE' },
      { title: 'MTU', align: 'right' },
      { title: 'MAC' },
      { title: 'RX', align: 'right' },
      { title: 'TX', align: 'right' },
      { title: 'IP' },
    ],
    rows.map(({ cells }) => cells),
  );
  return withNotes(lines, (i) => rows[i]!.notes);
}

interface DeviceRow {
  readonly cells: readonly string[];
  readonly notes: readonly string[];
}

/** The lab's devices, there or not, and what a node has besides; not lo, which is everywhere the same. */
function deviceRows(
  node: NodeView,
  seen: readonly IpLink[] | undefined,
  wanted: Node['devices'],
): DeviceRow[] {
  const live = new Map(
    (seen ?? []).filter((link) => link.link_type !== 'loopback').map((link) => [link.ifname, link]),
  );
  const names = [...new Set([...Object.keys(wanted), ...live.keys()])];
  if (names.length === 0) return [{ cells: ['-', '-'], notes: problemNotes(node, '') }];
  return names.map((name, i) => {
    const link = live.get(name);
    const cells = link === undefined ? [name, '-'] : deviceCells(link, wanted[name]?.ip ?? []);
    const whole = i === 0 ? problemNotes(node, '') : [];
    return { cells, notes: [...whole, ...problemNotes(node, name)] };
  });
}

/** Why the device is not as the lab says. */
function problemNotes({ problems = [] }: NodeView, device: string): string[] {
  return problems
    .filter((problem) => problem.device === device)
    .map(({ code, message }) => `  ! ${message.includes(code) ? message : `${code}: ${message}`}`);
}

/** Each line of a table but its head, with what belongs under it. */
function withNotes(lines: readonly string[], notesOf: (row: number) => readonly string[]): string[] {
  return lines.flatMap((line, i) => (i === 0 ? [line] : [line, ...notesOf(i - 1)]));
}

function deviceCells(link: IpLink, ip: readonly string[]): string[] {
  const { rx, tx } = link.stats64;
  return [
    link.ifname,
    stateText(link),
    String(link.mtu),
    link.address,
    countText(rx.packets),
    countText(tx.packets),
    ip.join(' ') || '-',
  ];
}

function stateText(link: IpLink): string {
  return link.flags.includes('NO-CARRIER') ? 'NO-CARRIER' : link.operstate;
}

function lanTable({ lans }: StatusView): string[] {
  if (lans.length === 0) return [];
  const rows = lans.map((lan) => [lan.name, String(lan.ports), `${lan.ageing} s`]);
  return table(
    [{ title: 'LAN' }, { title: 'PORTS', align: 'right' }, { title: 'AGEING', align: 'right' }],
    rows,
  );
}

function linkTable({ links, stats }: StatusView): string[] {
  if (links.length === 0) return [];
  const columns = [
    { title: 'LINK' },
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'CARRIER' },
    { title: '->', align: 'right' },
    { title: '<-', align: 'right' },
    { title: 'DROPS', align: 'right' },
  ] as const;
  const lines = table(
    columns,
    links.map((link) => linkCells(link, stats.get(link.name))),
  );
  return withNotes(lines, (i) => notes(links[i]!, stats));
}

function linkCells(link: LinkView, stats: LinkStats | undefined): string[] {
  const counted = stats && [
    countText(stats.forward.rx),
    countText(stats.reverse.rx),
    countText(sum(stats.forward.drops) + sum(stats.reverse.drops)),
  ];
  return [link.name, ...link.endpoints, carrierText(link), ...(counted ?? ['-', '-', '-'])];
}

/** "on", or why there is none: switched off, or the end that is missing. */
export function carrierText(link: LinkView): string {
  if (!link.carrier) return 'off';
  if (link.ends.length === 0) return 'no switch';
  const missing = link.ends.find((end) => !end.attached);
  if (missing) return `no ${missing.endpoint}`;
  const down = link.ends.find((end) => !end.up);
  if (down) return `${down.endpoint} is down`;
  return link.ends.every((end) => end.carrier) ? 'on' : 'no';
}

/** Under the link's own line: what impairs it and what it has dropped, per direction. */
function notes(link: LinkView, stats: ReadonlyMap<string, LinkStats>): string[] {
  const counted = stats.get(link.name);
  return (['forward', 'reverse'] as const).flatMap((way) => {
    const drops = Object.entries(counted?.[way].drops ?? {}).filter(([, n]) => n > 0);
    const words = [impairText(link.impair[way]), drops.map(([why, n]) => `${n} ${why}`).join(', ')];
    const text = words.filter((word) => word !== '').join('; dropped ');
    if (text === '') return [];
    const start = words[0] === '' ? 'dropped ' : '';
    return [`  ${way === 'forward' ? '->' : '<-'} ${start}${text}`];
  });
}

function sum(drops: Readonly<Record<string, number>>): number {
  return Object.values(drops).reduce((total, n) => total + n, 0);
}
