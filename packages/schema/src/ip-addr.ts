/** Addresses of a node as `ip -j addr` prints them. */
import { z } from 'zod';

const flag = z.literal(true).optional();

/** Keys are in the order of iproute2, which a reader's text depends on. Why loose: it grows keys. */
export const AddrInfo = z.looseObject({
  family: z.string(),
  local: z.string().optional(),
  address: z.string().optional(),
  prefixlen: z.int(),
  metric: z.int().optional(),
  broadcast: z.string().optional(),
  anycast: z.string().optional(),
  scope: z.string(),
  secondary: flag,
  temporary: flag,
  nodad: flag,
  optimistic: flag,
  dadfailed: flag,
  home: flag,
  deprecated: flag,
  tentative: flag,
  dynamic: flag,
  mngtmpaddr: flag,
  noprefixroute: flag,
  autojoin: flag,
  'stable-privacy': flag,
  label: z.string().optional(),
  valid_life_time: z.number().optional(),
  preferred_life_time: z.number().optional(),
});
export type AddrInfo = z.output<typeof AddrInfo>;

export const IpAddr = z
  .looseObject({
    ifindex: z.int(),
    link: z.string().nullable().optional(),
    link_index: z.int().optional(),
    ifname: z.string(),
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
    permaddr: z.string().optional(),
    altnames: z.array(z.string()).optional(),
    addr_info: z.array(AddrInfo),
  })
  .meta({ id: 'IpAddr', description: 'One element of `ip -j addr`.' });
export type IpAddr = z.output<typeof IpAddr>;
