/**
 * The addresses and the default route of a Linux interface, as the lab wants them. Linux forgets some by
 * itself (IPv6 ones when the interface goes down or its MTU falls below 1280, the route when it goes down),
 * so they are set again whenever it comes up.
 */
import { IPV6_MIN_MTU } from '@etherloom/frame';
import { NetError } from '@etherloom/netcore';
import { ipBytes, type LinuxInterface, parsePrefix } from '@etherloom/tap';

export interface KernelAddressing {
  ip: readonly string[];
  gateway?: string | undefined;
}

export class KernelAddresses {
  readonly #linux: LinuxInterface;
  #wanted: KernelAddressing = { ip: [] };

  constructor(linux: LinuxInterface) {
    this.#linux = linux;
  }

  /** Removes what is no longer wanted, adds what is new; what somebody else set on the interface stays. Bad input changes nothing. */
  set(wanted: KernelAddressing): void {
    for (const cidr of wanted.ip) parsePrefix(cidr);
    if (wanted.gateway !== undefined) ipBytes(wanted.gateway);
    const { rtnl, ifindex } = this.#linux;
    const gateway = this.#wanted.gateway;
    if (gateway !== undefined && gateway !== wanted.gateway)
      removed(() => rtnl.removeGateway(ifindex, gateway));
    for (const cidr of this.#wanted.ip) {
      if (!wanted.ip.includes(cidr)) removed(() => rtnl.removeAddress(ifindex, cidr));
    }
    this.#wanted = wanted;
    this.restore();
  }

  /** Sets what is wanted, as far as the interface's state lets Linux have it now. Repeating it changes nothing. */
  restore(): void {
    const { rtnl, ifindex, state } = this.#linux;
    for (const cidr of this.#wanted.ip) {
      if (!cidr.includes(':') || state.mtu >= IPV6_MIN_MTU) rtnl.addAddress(ifindex, cidr);
    }
    if (this.#wanted.gateway !== undefined && state.up) rtnl.setGateway(ifindex, this.#wanted.gateway);
  }
}

/** What Linux has dropped by itself is as good as removed. */
const GONE = ['EADDRNOTAVAIL', 'ESRCH', 'ENODEV'];

function removed(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof NetError) || !GONE.includes(error.code)) throw error;
  }
}
