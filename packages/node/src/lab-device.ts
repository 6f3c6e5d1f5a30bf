/** One device of the lab on this node: its net_device, its cable where it has one, and its place in the node's stack. */
import type { LabNic } from '@etherloom/driver-lab';
import { dummyLinkOps, wslinkCounters, wslinkLinkOps } from '@etherloom/drivers';
import { macToString } from '@etherloom/frame';
import { IFF_UP, type Net, type NetDevice, rtnlDelLink, rtnlNewLink } from '@etherloom/netcore';
import type { DataHello, DeviceKind, DevicePatch, DeviceSlice, EthtoolPatch } from '@etherloom/schema';
import { FEATURE_VNET, type Transport } from '@etherloom/transport';
import type { Log } from '@etherloom/transport-ws';
import { keepEthtool, keepFeatures } from './device-ethtool.ts';
import { KeptQdiscs } from './device-qdisc.ts';
import { patchDevice } from './device-settings.ts';
import type { NodeDriver } from './driver-run.ts';
import type { Attachment, NodeStack } from './node-stack.ts';
import { ReplugCable } from './replug-cable.ts';

/** Makes the transport to the data WebSocket at `url`; `hello` is asked at each connection. */
export type OpenCable = (url: string, hello: () => DataHello) => Transport;

export interface LabDeviceContext {
  readonly net: Net;
  readonly node: string;
  readonly openCable: OpenCable;
  readonly stack: NodeStack;
  /** Drives the devices that would be wslinks. */
  readonly driver?: NodeDriver | undefined;
  readonly log: Log;
}

export class LabDevice {
  readonly kind: DeviceKind;
  readonly dev: NetDevice;
  readonly #context: LabDeviceContext;
  readonly #cable = new ReplugCable();
  readonly #epoch: string;
  readonly #attachment: Attachment;
  /** The card of a user's driver; null for a device of our own. */
  #nic: LabNic | null = null;
  #dataUrl: string | null = null;
  /** Those that the lab gave it; others are somebody else's. */
  #altnames: readonly string[] = [];
  readonly #qdiscs: KeptQdiscs;
  #features: EthtoolPatch['features'];

  /** Throws a NetError and leaves nothing behind when the device cannot be made as the slice says. */
  constructor(context: LabDeviceContext, slice: DeviceSlice) {
    this.#context = context;
    this.kind = slice.kind;
    this.#epoch = newEpoch(context.net);
    this.dev = this.#register(slice);
    this.#qdiscs = new KeptQdiscs(this.dev);
    try {
      this.#attachment = context.stack.attach(this.dev, slice);
    } catch (error) {
      rtnlDelLink(this.dev);
      throw error;
    }
    try {
      this.change(slice);
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Brings the device to the slice; settings the slice does not name stay. Throws a NetError when one is refused. */
  change(slice: DeviceSlice): void {
    const {
      name: _name,
      kind: _kind,
      mac,
      ip: _ip,
      gateway: _gateway,
      dataUrl,
      altnames = [],
      ethtool,
      qdisc,
      ...settings
    } = slice;
    const moved = mac !== macToString(this.dev.devAddr, 0);
    // Why down first: not every driver changes the address of a running device.
    if (moved && (this.dev.flags & IFF_UP) !== 0) patchDevice(this.dev, { up: false });
    patchDevice(this.dev, { ...settings, address: mac, altnames: this.#renamed(altnames) });
    this.#altnames = altnames;
    this.#attachment.configure(slice);
    keepEthtool(this.dev, ethtool);
    this.#qdiscs.apply(qdisc);
    this.#features = ethtool?.features;
    this.#plug(dataUrl);
  }

  /** The cable may have brought features, or taken them. */
  keepFeatures(): void {
    if (this.#features !== undefined) keepFeatures(this.dev, this.#features);
  }

  destroy(): void {
    this.#plug(null);
    this.#attachment.detach();
    rtnlDelLink(this.dev);
  }

  #register({ name, mac: address, mtu, txqlen: txQueueLen }: DeviceSlice): NetDevice {
    const { net, driver, log } = this.#context;
    const options = { name, address, mtu, txQueueLen };
    if (this.kind === 'dummy') return rtnlNewLink(net, dummyLinkOps, options);
    if (driver !== undefined) {
      const { dev, nic } = driver.newLink(net, { ...options, transport: this.#cable }, log);
      this.#nic = nic;
      return dev;
    }
    return rtnlNewLink(net, wslinkLinkOps, { ...options, transport: this.#cable, epoch: this.#epoch });
  }

  /** The way from the names the lab gave the device last to those it should have now. */
  #renamed(wanted: readonly string[]): NonNullable<DevicePatch['altnames']> {
    const has = this.dev.altnames;
    const del = this.#altnames.filter((name) => has.includes(name) && !wanted.includes(name));
    return { add: wanted.filter((name) => !has.includes(name)), del };
  }

  #plug(dataUrl: string | null): void {
    if (dataUrl === this.#dataUrl) return;
    this.#dataUrl = dataUrl;
    this.#cable.plug(dataUrl === null ? null : this.#context.openCable(dataUrl, () => this.#hello()));
  }

  #hello(): DataHello {
    const { dev } = this;
    const { tx, rx } = this.#counters();
    return {
      type: 'hello',
      node: this.#context.node,
      device: dev.name,
      mac: macToString(dev.devAddr, 0),
      mtu: dev.mtu,
      epoch: this.#epoch,
      tx,
      rx,
      up: (dev.flags & IFF_UP) !== 0,
      features: this.#nic === null && this.#attachment.vnet ? [FEATURE_VNET] : [],
    };
  }

  #counters(): { tx: number; rx: number } {
    if (this.#nic === null) return wslinkCounters(this.dev);
    return { tx: this.#nic.cableTxFrames, rx: this.#nic.cableRxFrames };
  }
}

/** Tells this device object from every other that ever had its name. */
function newEpoch({ host }: Net): string {
  const word = () => Math.floor(host.random() * 2 ** 32).toString(16).padStart(8, '0'); // biome-ignore format: one thought
  return word() + word();
}
