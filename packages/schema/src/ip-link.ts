/** A device as `ip -j -d -s -s link` prints it. */
import { z } from 'zod';
import { Stats64 } from './stats.ts';

const Info = z.record(z.string(), z.unknown());

const LinkInfo = z.looseObject({
  info_kind: z.string().optional(),
  info_data: Info.optional(),
  info_slave_kind: z.string().optional(),
  info_slave_data: Info.optional(),
});

/** Keys in the order of iproute2. Why loose: it grows keys, and a key a node reports must not be lost on its way. */
export const IpLink = z
  .looseObject({
    ifindex: z.int(),
    link: z.string().nullable().optional(),
    ifname: z.string(),
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
    permaddr: z.string().optional(),
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
    altnames: z.array(z.string()).optional(),
  })
  .meta({ id: 'IpLink', description: 'One element of `ip -j -d -s -s link`.' });
export type IpLink = z.output<typeof IpLink>;
