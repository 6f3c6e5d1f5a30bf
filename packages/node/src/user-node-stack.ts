/** `stack: user` as a node's stack: Etherloom's own IPv4 over the node's devices, in this process. */
import { Inet } from '@etherloom/inet';
import type { Net, NetDevice } from '@etherloom/netcore';
import type { IpAddr, IpLink, IpNeigh, PingRequest, PingResult } from '@etherloom/schema';
import { showAddresses } from './ip-show.ts';
import type { Addressing, Attachment, NodeStack } from './node-stack.ts';

export class UserNodeStack implements NodeStack {
  readonly #inet: Inet;
  /** Whose gateway the default route is; a node has one. */
  #routed: NetDevice | null = null;

  constructor(net: Net) {
    this.#inet = new Inet(net);
  }

  attach(dev: NetDevice, addressing: Addressing): Attachment {
    this.#inet.attach(dev);
    let has: readonly string[] = [];
    const configure = (next: Addressing) => {
      has = this.#readdress(dev, has, next.ip);
      this.#route(dev, next.gateway ?? null);
    };
    const detach = () => {
      this.#route(dev, null);
      this.#inet.detach(dev);
    };
    try {
      configure(addressing);
    } catch (error) {
      detach();
      throw error;
    }
    return { configure, detach };
  }

  async ping({ target, count, interval, size, timeout }: PingRequest): Promise<PingResult> {
    const { errors, ...result } = await this.#inet.ping(target, { count, interval, size, timeout });
    const answers = errors.map(({ reason }) => reason).filter((reason) => reason !== 'timeout');
    return { target, ...result, errors: [...new Set(answers)] };
  }

  addresses(links: readonly IpLink[]): IpAddr[] {
    const inet = this.#inet;
    const devices = new Map([...inet.devices.keys()].map((dev) => [dev.name, dev]));
    return links.map((link) => {
      const dev = devices.get(link.ifname);
      return showAddresses(link, dev === undefined ? [] : inet.addrs(dev).map((info) => ({ ...info })));
    });
  }

  neighbours(): IpNeigh[] {
    return this.#inet.neigh().map((neigh) => ({ ...neigh }));
  }

  close(): void {
    this.#inet.stop();
  }

  /** Old ones go first, so that an address may change its prefix length. */
  #readdress(dev: NetDevice, has: readonly string[], wanted: readonly string[]): readonly string[] {
    const kept = has.filter((cidr) => wanted.includes(cidr));
    for (const cidr of has) if (!kept.includes(cidr)) this.#inet.addrDel(dev, cidr);
    for (const cidr of wanted) if (!kept.includes(cidr)) this.#inet.addrAdd(dev, cidr);
    return wanted;
  }

  #route(dev: NetDevice, gateway: string | null): void {
    if (gateway === null && this.#routed !== dev) return;
    this.#inet.routeDefault(gateway);
    this.#routed = gateway === null ? null : dev;
  }
}
