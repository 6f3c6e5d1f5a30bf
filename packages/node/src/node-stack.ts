/** What stands behind the devices of a node: the user stack, Linux, or nothing. */

import { type NetDevice, NetError } from '@etherloom/netcore';
import type { IpAddr, IpLink, IpNeigh, PingRequest, PingResult } from '@etherloom/schema';
import { showAddresses } from './ip-show.ts';

export interface Addressing {
  /** Addresses with their prefix length. */
  readonly ip: readonly string[];
  readonly gateway?: string | undefined;
}

/** A device's place in a stack. */
export interface Attachment {
  /** What is behind the device gives and takes super-frames. */
  readonly vnet?: boolean;
  configure(addressing: Addressing): void;
  /** Leaves the device as it is, with nothing behind it. */
  detach(): void;
}

export interface NodeStack {
  /** Throws a NetError and leaves nothing behind when it cannot. */
  attach(dev: NetDevice, addressing: Addressing): Attachment;
  ping(request: PingRequest): Promise<PingResult>;
  /** As `ip -j addr`; `links` are the node's devices. */
  addresses(links: readonly IpLink[]): IpAddr[];
  /** As `ip -j -s neigh`. */
  neighbours(): IpNeigh[];
  close(): void;
}

/** `stack: none`: bare devices, for drivers under study and captures. */
export const bareStack: NodeStack = {
  attach: (dev, addressing) => {
    refuseAddresses(dev, addressing);
    return { configure: (next) => refuseAddresses(dev, next), detach: () => {} };
  },
  ping: () =>
    Promise.reject(new NetError('EOPNOTSUPP', 'a node with stack none has nothing that could ping')),
  addresses: (links) => links.map((link) => showAddresses(link, [])),
  neighbours: () => [],
  close: () => {},
};

function refuseAddresses(dev: NetDevice, { ip }: Addressing): void {
  if (ip.length === 0) return;
  throw new NetError(
    'EOPNOTSUPP',
    `${dev.name}: stack none has no IP; remove ip, or choose stack user or kernel`,
  );
}
