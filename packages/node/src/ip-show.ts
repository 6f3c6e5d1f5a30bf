/** The devices of a node as `ip -j addr` prints them: the lines of `ip link` without its details, and the addresses. */
import type { AddrInfo, IpAddr, IpLink } from '@etherloom/schema';

export function showAddresses(link: IpLink, addr_info: AddrInfo[]): IpAddr {
  const {
    ifindex,
    link: lower,
    ifname,
    flags,
    mtu,
    qdisc,
    master,
    operstate,
    group,
    txqlen,
    link_type,
  } = link;
  const { address, broadcast, permaddr, altnames } = link;
  const shown = {
    ifindex,
    link: lower,
    ifname,
    flags,
    mtu,
    qdisc,
    master,
    operstate,
    group,
    txqlen,
    link_type,
  };
  const all = { ...shown, address, broadcast, permaddr, altnames, addr_info };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as IpAddr;
}
