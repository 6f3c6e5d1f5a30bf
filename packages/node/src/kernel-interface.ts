/** One Linux interface behind a lab device: TAP, patch cord and addresses, made and removed as one. */
import {
  NETDEV_CHANGEMTU,
  NETDEV_UP,
  type Net,
  type NetDevice,
  type NetdevEvent,
  NetError,
  rtnlDelLink,
  rtnlNewLink,
} from '@etherloom/netcore';
import { tapLinkOps, tapPriv } from '@etherloom/tap';
import { KernelAddresses, type KernelAddressing } from './kernel-addresses.ts';
import { Patch } from './kernel-patch.ts';

export interface KernelInterfaceOptions {
  ifname: string;
  /** Path of its network namespace; null for the process's own. */
  netns: string | null;
  addressing: KernelAddressing;
  report: (error: NetError) => void;
}

export class KernelInterface {
  /** The other side of the Linux interface, as a net_device. */
  readonly tap: NetDevice;
  readonly #addresses: KernelAddresses;
  readonly #patch: Patch;
  readonly #report: (error: NetError) => void;

  /** With the device's MAC, MTU, admin state and carrier. Nothing is left behind when it throws. */
  constructor(dev: NetDevice, { ifname, netns, addressing, report }: KernelInterfaceOptions) {
    this.#report = report;
    const name = freeName(dev.net);
    const { devAddr: address, mtu } = dev;
    this.tap = rtnlNewLink(dev.net, tapLinkOps, { name, address, mtu, ifname, netns, report });
    this.#addresses = new KernelAddresses(tapPriv(this.tap).linux);
    let patch: Patch | null = null;
    try {
      patch = new Patch(dev, this.tap, (event) => this.#changed(event));
      this.#patch = patch;
      this.configure(addressing);
    } catch (error) {
      patch?.remove();
      rtnlDelLink(this.tap);
      throw error;
    }
  }

  configure(addressing: KernelAddressing): void {
    this.#addresses.set(addressing);
  }

  close(): void {
    this.#patch.remove();
    rtnlDelLink(this.tap);
  }

  #changed(event: NetdevEvent): void {
    if (event !== NETDEV_UP && event !== NETDEV_CHANGEMTU) return;
    try {
      this.#addresses.restore();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#report(error);
    }
  }
}

function freeName(net: Net): string {
  for (let i = 0; ; i++) {
    if (net.devGetByName(`tap${i}`) === undefined) return `tap${i}`;
  }
}
