/** What `ip link` and `ip addr` do, in one namespace: one synchronous call each. */
import { NetError } from '@etherloom/netcore';
import {
  encodeAddress,
  encodeDefaultRoute,
  parsePrefix,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
} from './address-message.ts';
import { NEEDS_IPV6, NEEDS_NET_ADMIN } from './errno.ts';
import * as c from './libc.ts';
import {
  decodeLink,
  encodeLinkByName,
  encodeLinkChange,
  ifinfomsg,
  type LinkChange,
  type LinuxLink,
  RTM_GETLINK,
  RTM_NEWLINK,
} from './link-message.ts';
import { type NetlinkMessage, NLM_F_CREATE, NLM_F_REPLACE } from './netlink-message.ts';
import { NetlinkSocket } from './netlink-socket.ts';

function advice(errno: number): string {
  return errno === c.EPERM ? NEEDS_NET_ADMIN : '';
}

/** Docker gives containers namespaces with IPv6 off unless their network has it. */
function ipv6Advice(errno: number): string {
  return errno === c.EACCES ? NEEDS_IPV6 : advice(errno);
}

/** Bound to the namespace the thread is in when it is constructed. */
export class Rtnetlink {
  readonly #socket = new NetlinkSocket();

  linkByName(ifname: string): LinuxLink {
    const what = `cannot read interface ${ifname}`;
    return theLink(
      this.#socket.request({ type: RTM_GETLINK, ...encodeLinkByName(ifname), what, advice }),
      what,
    );
  }

  /** Null when it does not exist (any more) in this namespace. */
  linkByIndex(ifindex: number): LinuxLink | null {
    const what = `cannot read interface ${ifindex}`;
    const request = { type: RTM_GETLINK, header: ifinfomsg(ifindex), attributes: [], what, advice };
    try {
      return theLink(this.#socket.request(request), what);
    } catch (error) {
      if (error instanceof NetError && error.code === 'ENODEV') return null;
      throw error;
    }
  }

  setLink(ifindex: number, change: LinkChange, what: string): void {
    this.#socket.request({ type: RTM_NEWLINK, ...encodeLinkChange(ifindex, change), what, advice });
  }

  /** Repeating it changes nothing. */
  addAddress(ifindex: number, cidr: string): void {
    const what = `cannot set address ${cidr}`;
    const flags = NLM_F_CREATE | NLM_F_REPLACE;
    this.#socket.request({
      type: RTM_NEWADDR,
      flags,
      ...encodeAddress(ifindex, parsePrefix(cidr)),
      what,
      advice: ipv6Advice,
    });
  }

  removeAddress(ifindex: number, cidr: string): void {
    const what = `cannot remove address ${cidr}`;
    this.#socket.request({ type: RTM_DELADDR, ...encodeAddress(ifindex, parsePrefix(cidr)), what, advice });
  }

  /** Sets or replaces the default route; the interface must be up. */
  setGateway(ifindex: number, gateway: string): void {
    const what = `cannot set gateway ${gateway}`;
    const flags = NLM_F_CREATE | NLM_F_REPLACE;
    this.#socket.request({
      type: RTM_NEWROUTE,
      flags,
      ...encodeDefaultRoute(ifindex, gateway),
      what,
      advice,
    });
  }

  removeGateway(ifindex: number, gateway: string): void {
    const what = `cannot remove gateway ${gateway}`;
    this.#socket.request({ type: RTM_DELROUTE, ...encodeDefaultRoute(ifindex, gateway), what, advice });
  }

  close(): void {
    this.#socket.close();
  }
}

function theLink(answers: NetlinkMessage[], what: string): LinuxLink {
  const found = answers.find((message) => message.type === RTM_NEWLINK);
  if (found === undefined) throw new NetError('ENODEV', `${what}: the kernel gave no answer`);
  return decodeLink(found.payload);
}
