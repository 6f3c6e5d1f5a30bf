/** What `ip -j` prints of a device: the keys its options ask for, in iproute2's order. cf. iproute2 ip/ipaddress.c: print_linkinfo */
import type { IpLink } from '@etherloom/schema';
import type { LinkView } from './ip-link.ts';

type Json = Record<string, unknown>;

const HEAD_KEYS = ['ifindex', 'link', 'link_index', 'ifname', 'flags', 'mtu', 'qdisc', 'master', 'operstate', 'linkmode', 'group', 'txqlen'] as const; // biome-ignore format: one line of text
const LINK_LAYER_KEYS = ['link_type', 'address', 'link_pointtopoint', 'broadcast', 'permaddr'];
const DETAIL_KEYS = ['promiscuity', 'allmulti', 'min_mtu', 'max_mtu', 'linkinfo', 'inet6_addr_gen_mode', 'num_tx_queues', 'num_rx_queues', 'gso_max_size', 'gso_max_segs', 'tso_max_size', 'tso_max_segs', 'gro_max_size', 'gso_ipv4_max_size', 'gro_ipv4_max_size', 'phys_port_name', 'phys_port_id', 'phys_switch_id', 'parentbus', 'parentdev']; // biome-ignore format: one line of text

const ERROR_KEYS = new Set([
  'length_errors',
  'crc_errors',
  'frame_errors',
  'fifo_errors',
  'missed_errors',
  'nohandler',
  'otherhost',
  'aborted_errors',
  'window_errors',
  'heartbeat_errors',
  'carrier_changes',
]);

/** The same keys in the same order, no more. */
export function linkJson(link: IpLink, view: LinkView): Json {
  const out = pick(link, shownKeys(view));
  if (out['txqlen'] === 0) delete out['txqlen'];
  if (view.stats > 0 && link.stats64) out['stats64'] = statsJson(link.stats64, view.stats > 1);
  return { ...out, ...pick(link, ['altnames']) };
}

export function briefLinkJson(link: IpLink): Json {
  return pick(link, ['link', 'ifname', 'operstate', 'address', 'flags']);
}

function shownKeys(view: LinkView): string[] {
  return [
    ...HEAD_KEYS.filter((key) => !view.addresses || key !== 'linkmode'),
    ...(view.bare && !view.details ? [] : LINK_LAYER_KEYS),
    'link_netnsid',
    ...(view.details ? DETAIL_KEYS.filter((key) => !view.addresses || key !== 'inet6_addr_gen_mode') : []),
    ...(view.details || !view.addresses ? ['ifalias'] : []),
  ];
}

function statsJson({ rx, tx }: IpLink['stats64'], errors: boolean): Json {
  const keep = (counters: object) =>
    Object.fromEntries(Object.entries(counters).filter(([key]) => errors || !ERROR_KEYS.has(key)));
  return { rx: keep(rx), tx: keep(tx) };
}

function pick(from: object, keys: readonly string[]): Json {
  const source = from as Json;
  return Object.fromEntries(keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]));
}
