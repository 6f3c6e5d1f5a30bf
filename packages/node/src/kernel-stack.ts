/**
 * `stack: kernel`: a lab device's frames come from and go to a real Linux interface. The lab device keeps its
 * name and its wire; a second net_device of kind `tap` is the interface's other side, and a patch cord joins
 * the two. The interface lives in the process's own namespace (a container's), or in a named one (native).
 */
import {
  devClose,
  NETDEV_CHANGEMTU,
  NETDEV_UP,
  type Net,
  type NetDevice,
  type NetdevEvent,
  NetError,
  rtnlDelLink,
  rtnlNewLink,
} from '@etherloom/netcore';
import {
  type KernelPingRequest,
  type KernelPingResult,
  kernelPing,
  type LinuxInterface,
  tapLinkOps,
  tapPriv,
} from '@etherloom/tap';
import { KernelAddresses } from './kernel-addresses.ts';
import { KernelNetns } from './kernel-netns.ts';
import { Patch } from './kernel-patch.ts';

export interface KernelStackOptions {
  /** Name of the network namespace; it is made when it is not there, and removed with its last device. */
  netns?: string | undefined;
  /** The interface's name in Linux. */
  ifname: string;
  ip: readonly string[];
  gateway?: string | undefined;
  /** Hears, with ENODEV, that the interface was deleted in Linux, and of changes there that the lab refused. */
  report?: ((error: NetError) => void) | undefined;
}

export class KernelStack {
  readonly tap: NetDevice;
  readonly #dev: NetDevice;
  readonly #netns: KernelNetns | null;
  readonly #report: (error: NetError) => void;
  readonly #addresses: KernelAddresses;
  readonly #patch: Patch;
  #destroyed = false;

  /** Makes the interface with the device's MAC, MTU, admin state and carrier. Nothing is left behind when it throws. */
  static create(net: Net, dev: NetDevice, options: KernelStackOptions): KernelStack {
    const netns = options.netns === undefined ? null : KernelNetns.acquire(net, options.netns);
    try {
      return new KernelStack(net, dev, netns, options);
    } catch (error) {
      netns?.release();
      throw error;
    }
  }

  private constructor(net: Net, dev: NetDevice, netns: KernelNetns | null, options: KernelStackOptions) {
    this.#dev = dev;
    this.#netns = netns;
    this.#report = options.report ?? (() => {});
    this.tap = rtnlNewLink(net, tapLinkOps, {
      name: freeName(net),
      address: dev.devAddr,
      mtu: dev.mtu,
      ifname: options.ifname,
      netns: netns?.path ?? null,
      report: (error) => this.#hear(error),
    });
    let patch: Patch | null = null;
    try {
      this.#addresses = new KernelAddresses(tapPriv(this.tap).linux);
      patch = new Patch(dev, this.tap, (event) => this.#changed(event));
      this.#patch = patch;
      this.configure(options);
    } catch (error) {
      patch?.remove();
      rtnlDelLink(this.tap);
      throw error;
    }
  }

  get linux(): LinuxInterface {
    return tapPriv(this.tap).linux;
  }

  /** Other addresses or another gateway; settings of the interface itself are set on the lab device. */
  configure({ ip, gateway }: { ip: readonly string[]; gateway?: string | undefined }): void {
    this.#addresses.set({ ip, gateway });
  }

  /** From the Linux side. Times in seconds; the target is an address. */
  ping(request: KernelPingRequest): Promise<KernelPingResult> {
    return kernelPing(this.#netns?.path ?? null, request);
  }

  /** Removes the interface and, with its last device, the namespace; the lab device stays. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#patch.remove();
    rtnlDelLink(this.tap);
    this.#netns?.release();
  }

  #changed(event: NetdevEvent): void {
    if (this.#addresses === undefined) return; // still being built: configure() follows
    if (event !== NETDEV_UP && event !== NETDEV_CHANGEMTU) return;
    try {
      this.#addresses.restore();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#report(error);
    }
  }

  /** A device whose interface is gone is a port with nothing plugged in. */
  #hear(error: NetError): void {
    if (error.code === 'ENODEV') devClose(this.#dev);
    this.#report(error);
  }
}

function freeName(net: Net): string {
  for (let i = 0; ; i++) {
    if (net.devGetByName(`tap${i}`) === undefined) return `tap${i}`;
  }
}
