/** Addresses of a node as `ip -j addr` prints them. */
import { z } from 'zod';

/** Why loose: iproute2 grows keys, and each flag of an address is one. */
export const AddrInfo = z.looseObject({
  family: z.string(),
  local: z.string().optional(),
  address: z.string().optional(),
  prefixlen: z.int(),
  broadcast: z.string().optional(),
  scope: z.string(),
  label: z.string().optional(),
  valid_life_time: z.number().optional(),
  preferred_life_time: z.number().optional(),
});
export type AddrInfo = z.output<typeof AddrInfo>;

export const IpAddr = z
  .looseObject({
    ifindex: z.int(),
    ifname: z.string(),
    link: z.string().nullable().optional(),
    flags: z.array(z.string()),
    mtu: z.int(),
    qdisc: z.string(),
    master: z.string().optional(),
    operstate: z.string(),
    group: z.string().optional(),
    txqlen: z.int().optional(),
    link_type: z.string(),
    address: z.string().optional(),
    broadcast: z.string().optional(),
    altnames: z.array(z.string()).optional(),
    addr_info: z.array(AddrInfo),
  })
  .meta({ id: 'IpAddr', description: 'One element of `ip -j addr`.' });
export type IpAddr = z.output<typeof IpAddr>;
