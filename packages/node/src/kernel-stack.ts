/**
 * `stack: kernel`: a lab device's frames come from and go to a real Linux interface. The lab device keeps its
 * name and its wire; a second net_device of kind `tap` is the interface's other side, and a patch cord joins
 * the two. The interface lives in the process's own namespace (a container's), or in a named one (native).
 *
 * When the interface is deleted in Linux the lab device goes down, as a port with nothing plugged in; taking it
 * up again, by hand or by applying the lab, makes a new interface.
 */
import {
  devClose,
  NETDEV_PRE_UP,
  type Net,
  type NetDevice,
  type NetdevEvent,
  NetError,
} from '@etherloom/netcore';
import { type KernelPingRequest, type KernelPingResult, kernelPing } from '@etherloom/tap';
import type { KernelAddressing } from './kernel-addresses.ts';
import { KernelInterface } from './kernel-interface.ts';
import { KernelNetns } from './kernel-netns.ts';

export interface KernelStackOptions extends KernelAddressing {
  /** Name of the network namespace; it is made when it is not there, and removed with its last device. */
  netns?: string | undefined;
  /** The interface's name in Linux. */
  ifname: string;
  /** Hears, with ENODEV, that the interface was deleted in Linux, and of changes there that the lab refused. */
  report?: ((error: NetError) => void) | undefined;
}

export class KernelStack {
  readonly #dev: NetDevice;
  readonly #ifname: string;
  readonly #netns: KernelNetns | null;
  readonly #report: (error: NetError) => void;
  readonly #unregister: () => void;
  #addressing: KernelAddressing;
  #interface: KernelInterface | null = null;
  #destroyed = false;

  /** Makes the interface with the device's MAC, MTU, admin state and carrier. Nothing is left behind when it throws. */
  static create(net: Net, dev: NetDevice, options: KernelStackOptions): KernelStack {
    const netns = options.netns === undefined ? null : KernelNetns.acquire(net, options.netns);
    try {
      return new KernelStack(dev, netns, options);
    } catch (error) {
      netns?.release();
      throw error;
    }
  }

  private constructor(dev: NetDevice, netns: KernelNetns | null, options: KernelStackOptions) {
    this.#dev = dev;
    this.#netns = netns;
    this.#ifname = options.ifname;
    this.#addressing = options;
    this.#report = options.report ?? (() => {});
    this.#make();
    this.#unregister = dev.net.registerNetdeviceNotifier((event, changed) => this.#notified(event, changed));
  }

  /** The other side of the interface; null while it is deleted in Linux. */
  get tap(): NetDevice | null {
    return this.#interface?.tap ?? null;
  }

  /** Other addresses or another gateway; settings of the interface itself are set on the lab device. */
  configure(addressing: KernelAddressing): void {
    this.#interface?.configure(addressing);
    this.#addressing = addressing;
  }

  /** From the Linux side. Times in seconds; the target is an address. */
  ping(request: KernelPingRequest): Promise<KernelPingResult> {
    return kernelPing(this.#netns?.path ?? null, request);
  }

  /** Removes the interface and, with its last device, the namespace; the lab device stays. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#unregister();
    this.#interface?.close();
    this.#netns?.release();
  }

  #make(): void {
    const { ip, gateway } = this.#addressing;
    this.#interface = new KernelInterface(this.#dev, {
      ifname: this.#ifname,
      netns: this.#netns?.path ?? null,
      addressing: { ip, gateway },
      report: (error) => this.#hear(error),
    });
  }

  /** Going up needs an interface: a deleted one is made anew. An errno name keeps the device down. */
  #notified(event: NetdevEvent, dev: NetDevice): string | undefined {
    if (event !== NETDEV_PRE_UP || dev !== this.#dev || this.#interface !== null) return undefined;
    try {
      this.#make();
      return undefined;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#report(error);
      return error.code;
    }
  }

  #hear(error: NetError): void {
    if (error.code === 'ENODEV') {
      this.#interface?.close();
      this.#interface = null;
      devClose(this.#dev);
    }
    this.#report(error);
  }
}
