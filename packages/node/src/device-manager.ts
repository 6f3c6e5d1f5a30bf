/**
 * Makes the devices of this node what the lab says they are: creates, changes and removes net_devices, plugs their
 * cables, and joins them to the node's stack. Repeating a request changes nothing; a device that cannot be made does
 * not keep the others from it.
 */
import { loopbackNetInit } from '@etherloom/drivers';
import {
  devOpen,
  NETDEV_CHANGE,
  type Net,
  type NetDevice,
  NetError,
  netifCarrierOk,
} from '@etherloom/netcore';
import type {
  DevicePatch,
  DeviceSlice,
  DeviceStats,
  Ethtool,
  EthtoolPatch,
  IpAddr,
  IpLink,
  IpNeigh,
  NodeApply,
  NodeApplyResult,
  PingRequest,
  PingResult,
  Qdisc,
  QdiscKey,
  QdiscRequest,
  Stack,
} from '@etherloom/schema';
import type { Log } from '@etherloom/transport-ws';
import { patchEthtool, showEthtool } from './device-ethtool.ts';
import { deleteQdisc, setQdisc } from './device-qdisc.ts';
import { patchDevice } from './device-settings.ts';
import { showLink, showQdisc, showStats } from './device-show.ts';
import type { NodeDriver } from './driver-run.ts';
import { LabDevice, type OpenCable } from './lab-device.ts';
import { bareStack, type NodeStack } from './node-stack.ts';

export interface DeviceManagerOptions {
  readonly net: Net;
  /** Name of the node. */
  readonly node: string;
  readonly openCable: OpenCable;
  /** Drives the devices that would be wslinks. */
  readonly driver?: NodeDriver | undefined;
  readonly makeStack: (stack: Stack) => NodeStack;
  readonly log: Log;
}

type ApplyResult = NodeApplyResult['results'][number];

export class DeviceManager {
  readonly #options: DeviceManagerOptions;
  /** Of every namespace, whatever the lab says. */
  readonly #lo: NetDevice;
  readonly #devices = new Map<string, LabDevice>();
  /** Why a device is not as the lab asks for, as it was last logged. */
  readonly #troubles = new Map<string, string>();
  #stack: NodeStack = bareStack;
  #identity = '';

  constructor(options: DeviceManagerOptions) {
    this.#options = options;
    this.#lo = loopbackNetInit(options.net);
    devOpen(this.#lo);
    options.net.registerNetdeviceNotifier((event, dev) => {
      if (event === NETDEV_CHANGE && netifCarrierOk(dev)) this.#devices.get(dev.name)?.keepFeatures();
    });
  }

  apply({ lab, stack, devices }: NodeApply): NodeApplyResult {
    this.#settle(lab, stack);
    const wanted = new Map(devices.map((slice) => [slice.name, slice]));
    for (const name of this.#troubles.keys()) if (!wanted.has(name)) this.#troubles.delete(name);
    for (const [name, device] of this.#devices) {
      if (wanted.get(name)?.kind !== device.kind) this.#remove(name, device);
    }
    return { results: devices.map((slice) => this.#applyOne(slice)) };
  }

  list(): IpLink[] {
    return [this.#lo, ...[...this.#devices.values()].map(({ dev }) => dev)].map(showLink);
  }

  /** Null for a device that is not of the lab: the inner side of a TAP. */
  find(dev: NetDevice): IpLink | null {
    return dev === this.#lo || this.#devices.get(dev.name)?.dev === dev ? showLink(dev) : null;
  }

  set(name: string, patch: DevicePatch): IpLink {
    const dev = this.#get(name);
    patchDevice(dev, patch);
    return showLink(dev);
  }

  stats(name: string): DeviceStats {
    return showStats(this.#get(name));
  }

  ethtool(name: string): Ethtool {
    return showEthtool(this.#get(name));
  }

  qdisc(name: string): Qdisc[] {
    return showQdisc(this.#get(name));
  }

  setEthtool(name: string, patch: EthtoolPatch): Ethtool {
    const dev = this.#get(name);
    patchEthtool(dev, patch);
    return showEthtool(dev);
  }

  setQdisc(name: string, request: QdiscRequest): Qdisc[] {
    return setQdisc(this.#get(name), request);
  }

  deleteQdisc(name: string, key: QdiscKey): Qdisc[] {
    return deleteQdisc(this.#get(name), key);
  }

  addresses(): IpAddr[] {
    return this.#stack.addresses(this.list());
  }

  neighbours(): IpNeigh[] {
    return this.#stack.neighbours();
  }

  ping(request: PingRequest): Promise<PingResult> {
    return this.#stack.ping(request);
  }

  close(): void {
    for (const [name, device] of this.#devices) this.#remove(name, device);
    this.#stack.close();
    this.#stack = bareStack;
    this.#identity = '';
  }

  /** Another lab or another stack: nothing of the old one stays. */
  #settle(lab: string, stack: Stack): void {
    const identity = `${lab} ${stack}`;
    if (identity === this.#identity) return;
    this.close();
    this.#stack = this.#options.makeStack(stack);
    this.#identity = identity;
  }

  #applyOne(slice: DeviceSlice): ApplyResult {
    try {
      const known = this.#devices.get(slice.name);
      if (known !== undefined) known.change(slice);
      else this.#devices.set(slice.name, this.#create(slice));
      this.#note(slice.name, null);
      return { device: slice.name };
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#note(slice.name, error);
      return { device: slice.name, error: { code: error.code, message: error.message } };
    }
  }

  /** Control asks again and again; what is the same as before is not news. */
  #note(device: string, err: NetError | null): void {
    const before = this.#troubles.get(device);
    if (err === null) {
      if (this.#troubles.delete(device))
        this.#options.log.info({ device }, 'the device is as the lab says now');
    } else if (before !== err.message) {
      this.#troubles.set(device, err.message);
      this.#options.log.warn({ device, err }, 'cannot make the device as the lab says');
    }
  }

  #create(slice: DeviceSlice): LabDevice {
    const { net, node, openCable, driver, log } = this.#options;
    return new LabDevice({ net, node, openCable, stack: this.#stack, driver, log }, slice);
  }

  #remove(name: string, device: LabDevice): void {
    this.#devices.delete(name);
    device.destroy();
  }

  #get(name: string): NetDevice {
    const dev = name === this.#lo.name ? this.#lo : this.#devices.get(name)?.dev;
    if (dev !== undefined) return dev;
    throw new NetError('ENODEV', `node ${this.#options.node} has no device ${name}`);
  }
}
