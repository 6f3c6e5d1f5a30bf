/** A device as `ip -j -d -s -s link` prints it, its queueing disciplines as `tc -j -s qdisc`, its driver as ethtool. */
import { z } from 'zod';
import { Stats64 } from './stats.ts';
import { strict } from './strict.ts';

const Info = z.record(z.string(), z.unknown());

const LinkInfo = z.looseObject({
  info_kind: z.string().optional(),
  info_data: Info.optional(),
  info_slave_kind: z.string().optional(),
  info_slave_data: Info.optional(),
});

/** Why loose: iproute2 grows keys, and a key a node reports must not be lost on its way. */
export const IpLink = z
  .looseObject({
    ifindex: z.int(),
    ifname: z.string(),
    link: z.string().nullable().optional(),
    flags: z.array(z.string()),
    mtu: z.int(),
    qdisc: z.string(),
    master: z.string().optional(),
    operstate: z.enum(['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP']),
    linkmode: z.string(),
    group: z.string().optional(),
    txqlen: z.int().optional(),
    link_type: z.string(),
    address: z.string(),
    broadcast: z.string(),
    promiscuity: z.int(),
    allmulti: z.int().optional(),
    min_mtu: z.int(),
    max_mtu: z.int(),
    linkinfo: LinkInfo.optional(),
    inet6_addr_gen_mode: z.string().optional(),
    num_tx_queues: z.int().optional(),
    num_rx_queues: z.int().optional(),
    gso_max_size: z.int().optional(),
    gso_max_segs: z.int().optional(),
    tso_max_size: z.int().optional(),
    tso_max_segs: z.int().optional(),
    gro_max_size: z.int().optional(),
    gso_ipv4_max_size: z.int().optional(),
    gro_ipv4_max_size: z.int().optional(),
    ifalias: z.string().optional(),
    stats64: Stats64,
  })
  .meta({ id: 'IpLink', description: 'One element of `ip -j -d -s -s link`.' });
export type IpLink = z.output<typeof IpLink>;

/** One element of `tc -j -s qdisc`. */
export const Qdisc = z
  .looseObject({
    kind: z.string(),
    handle: z.string(),
    dev: z.string(),
    root: z.boolean().optional(),
    parent: z.string().optional(),
    refcnt: z.int().optional(),
    options: z.record(z.string(), z.unknown()),
    bytes: z.number(),
    packets: z.number(),
    drops: z.number(),
    overlimits: z.number(),
    requeues: z.number(),
    backlog: z.number(),
    qlen: z.number(),
  })
  .meta({ id: 'Qdisc' });
export type Qdisc = z.output<typeof Qdisc>;

/** What ethtool would say: -i, no option, -g, -c, -S. */
export const Ethtool = strict({
  drvinfo: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown()),
  ring: z.record(z.string(), z.number()),
  coalesce: z.record(z.string(), z.union([z.number(), z.boolean()])),
  stats: z.record(z.string(), z.number()),
}).meta({ id: 'Ethtool' });
export type Ethtool = z.output<typeof Ethtool>;
