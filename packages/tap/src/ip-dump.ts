/** What `ip -j addr` and `ip -j -s neigh` print in a namespace, read by netlink. */
import { decodeAddress, RTM_GETADDR } from './address-dump.ts';
import { type DumpedLink, decodeDumpedLink } from './link-dump.ts';
import { ifinfomsg, RTM_GETLINK } from './link-message.ts';
import { decodeNeighbour, RTM_GETNEIGH } from './neigh-dump.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { inNetns } from './netns.ts';

type Shown = Record<string, unknown>;

/** As `ip -j addr` in the namespace at `netns`; null: the process's own. */
export function dumpAddresses(netns: string | null): Shown[] {
  return withSocket(netns, (socket) => {
    const links = readLinks(socket);
    const byIndex = new Map(links.map((link) => [link.ifindex, link]));
    const what = 'cannot list addresses';
    const header = Buffer.alloc(8);
    const addresses = socket.dump({ type: RTM_GETADDR, header, attributes: [], what }).map(decodeAddress);
    return links.map((link) => {
      const addr_info = addresses.filter(({ ifindex }) => ifindex === link.ifindex).map(({ info }) => info);
      return { ...showLink(link, byIndex), addr_info };
    });
  });
}

/** As `ip -j -s neigh`. */
export function dumpNeighbours(netns: string | null): Shown[] {
  return withSocket(netns, (socket) => {
    const names = new Map(readLinks(socket).map(({ ifindex, name }) => [ifindex, name]));
    const what = 'cannot list neighbours';
    const header = Buffer.alloc(12);
    return socket.dump({ type: RTM_GETNEIGH, header, attributes: [], what }).flatMap((payload) => {
      const found = decodeNeighbour(payload);
      if (found === null) return [];
      const { ifindex, dst, lladdr, flags, counters, state } = found;
      const dev = names.get(ifindex) ?? `if${ifindex}`;
      return [{ dst, dev, ...(lladdr === undefined ? {} : { lladdr }), ...flags, ...counters, state }];
    });
  });
}

function readLinks(socket: NetlinkSocket): DumpedLink[] {
  const what = 'cannot list interfaces';
  return socket.dump({ type: RTM_GETLINK, header: ifinfomsg(0), attributes: [], what }).map(decodeDumpedLink);
}

function showLink(link: DumpedLink, byIndex: ReadonlyMap<number, DumpedLink>): Shown {
  const { ifindex, name: ifname, head, tail, master } = link;
  return {
    ifindex,
    ...showLower(link, byIndex),
    ifname,
    flags: lowerIsDown(link, byIndex) ? [...link.flags, 'M-DOWN'] : link.flags,
    ...head,
    ...(master === 0 ? {} : { master: byIndex.get(master)?.name ?? `if${master}` }),
    ...tail,
  };
}

function showLower({ link, elsewhere }: DumpedLink, byIndex: ReadonlyMap<number, DumpedLink>): Shown {
  if (link === undefined) return {};
  if (link === 0) return { link: null };
  return elsewhere ? { link_index: link } : { link: byIndex.get(link)?.name ?? `if${link}` };
}

function lowerIsDown({ link, elsewhere }: DumpedLink, byIndex: ReadonlyMap<number, DumpedLink>): boolean {
  return link !== undefined && link !== 0 && !elsewhere && byIndex.get(link)?.up !== true;
}

function withSocket<T>(netns: string | null, read: (socket: NetlinkSocket) => T): T {
  const socket = inNetns(netns, () => new NetlinkSocket());
  try {
    return read(socket);
  } finally {
    socket.close();
  }
}
