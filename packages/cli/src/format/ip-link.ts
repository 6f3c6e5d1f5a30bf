/** The text of `ip [-d] [-s [-s]] link`, and what its JSON shows. cf. iproute2 ip/ipaddress.c: print_linkinfo */
import type { IpLink } from '@etherloom/schema';
import { statLines } from './ip-stats.ts';
import { type Paint, PLAIN, stateHue } from './paint.ts';

export interface LinkView {
  readonly details: boolean;
  /** How many times -s was given. */
  readonly stats: number;
  /** As part of `ip address`: no mode, an alias with -d alone, statistics behind the addresses. */
  readonly addresses?: boolean;
  /** The link layer is not asked for: `ip -4 address`. */
  readonly bare?: boolean;
  /** Of `ip address`, what it leaves of a device: `label` has its addresses and nothing else. */
  readonly addressesOnly?: boolean;
  readonly paint?: Paint;
  /** Counters in thousands and millions; with `iec` in multiples of 1024. */
  readonly human?: boolean;
  readonly iec?: boolean;
}

export function formatLink(link: IpLink, view: LinkView): string {
  return linkLines(link, view).join('\n');
}

/** The lines of one device; of `ip address` those in front of the addresses. */
export function linkLines(link: IpLink, view: LinkView): string[] {
  const lines = [headLine(link, view)];
  if (view.details) lines.push(...detailLines(link, view));
  else if (!view.bare) lines.push(addressLine(link, view));
  if (link.ifalias && (view.details || !view.addresses)) lines.push(`    alias ${link.ifalias}`);
  if (!view.addresses) lines.push(...linkStats(link, view));
  for (const name of altnamesOf(link)) lines.push(`    altname ${name}`);
  return lines;
}

export function linkStats(link: IpLink, view: LinkView): string[] {
  return view.stats > 0 && link.stats64 ? statLines(link.stats64, view.stats > 1, view) : [];
}

/** `ip -br link`: name, state, address and flags. */
export function formatBrief(link: IpLink, paint: Paint = PLAIN): string {
  return `${briefName(link, paint)}${paint('mac', `${link.address} `)}<${link.flags.join(',')}> `;
}

export function briefName(link: IpLink, paint: Paint): string {
  const { operstate } = link;
  return `${paint('ifname', `${nameOf(link).padEnd(16)} `)}${paint(stateHue(operstate), `${operstate.padEnd(14)} `)}`;
}

export function altnamesOf(link: IpLink): readonly string[] {
  return link.altnames ?? [];
}

function nameOf(link: IpLink): string {
  const { link_index: index } = link as { link_index?: number };
  const lower = link.link ?? (index === undefined ? null : `if${index}`);
  return lower ? `${link.ifname}@${lower}` : link.ifname;
}

function headLine(link: IpLink, view: LinkView): string {
  const master = link.master ? `master ${link.master} ` : '';
  const mode = view.addresses ? '' : `mode ${link.linkmode} `;
  const group = link.group === undefined ? '' : `group ${link.group} `;
  const queue = link.txqlen ? `qlen ${link.txqlen}` : '';
  const paint = view.paint ?? PLAIN;
  return (
    `${link.ifindex}: ${paint('ifname', `${nameOf(link)}: `)}<${link.flags.join(',')}> mtu ${link.mtu} qdisc ${link.qdisc} ` +
    `${master}state ${paint(stateHue(link.operstate), `${link.operstate} `)}${mode}${group}${queue}`
  );
}

function addressLine(link: IpLink, { paint = PLAIN }: LinkView): string {
  const rare = link as { permaddr?: string; link_netnsid?: number };
  const perm = rare.permaddr ? ` permaddr ${rare.permaddr}` : '';
  const netns = rare.link_netnsid === undefined ? '' : ` link-netnsid ${rare.link_netnsid}`;
  return `    link/${link.link_type} ${paint('mac', link.address)} brd ${paint('mac', link.broadcast)}${perm}${netns}`;
}

function detailLines(link: IpLink, view: LinkView): string[] {
  const first =
    `${addressLine(link, view)} promiscuity ${link.promiscuity} ${allmulti(link)}` +
    `minmtu ${link.min_mtu} maxmtu ${link.max_mtu} `;
  const values = link as Readonly<Record<string, unknown>>;
  const limits = LIMITS.filter(([key]) => values[key] !== undefined)
    .filter(([key]) => !view.addresses || key !== 'inet6_addr_gen_mode')
    .map(([key, label]) => `${label} ${values[key]} `);
  const kind = link.linkinfo?.info_kind;
  if (!kind) return [first + limits.join('')];
  return [first, `    ${kind} ${infoData(link.linkinfo?.info_data)}${limits.join('')}`];
}

function allmulti({ allmulti }: IpLink): string {
  return allmulti === undefined ? '' : ` allmulti ${allmulti} `;
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
  ['gso_ipv4_max_size', 'gso_ipv4_max_size'],
  ['gro_ipv4_max_size', 'gro_ipv4_max_size'],
  ['phys_port_name', 'portname'],
  ['phys_port_id', 'portid'],
  ['phys_switch_id', 'switchid'],
  ['parentbus', 'parentbus'],
  ['parentdev', 'parentdev'],
] as const;

function infoData(data: Record<string, unknown> | undefined): string {
  return Object.entries(data ?? {})
    .filter(([key, value]) => key !== 'multi_queue' || value === true)
    .map(([key, value]) => `${key} ${typeof value === 'boolean' ? (value ? 'on' : 'off') : value} `)
    .join('');
}
