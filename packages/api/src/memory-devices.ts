/** Devices of a lab in memory, shown as `ip link` would show them with no carrier. */
import {
  type Device,
  type DevicePatch,
  type Ethtool,
  type IpLink,
  type Lab,
  mergeAltnames,
  mergeEthtool,
  type Node,
  type QdiscConfig,
  resolveDevice,
  type Stats64,
} from '@etherloom/schema';
import { patchedQdisc, showQdiscs, withoutQdisc, withQdisc } from './memory-qdiscs.ts';
import { type MemoryState, need, needFree, refusePlugged, without } from './memory-state.ts';
import type { DeviceService } from './services.ts';

export function memoryDevices(state: MemoryState): DeviceService {
  const nodeOf = (node: string) => need(state.lab.nodes, 'node', node);
  const view = (node: string, name: string): IpLink => {
    const { devices } = nodeOf(node);
    const device = need(devices, 'device', name, 'ENODEV');
    return showDevice(name, Object.keys(devices).indexOf(name) + 2, device);
  };
  const commit = (node: string, devices: Node['devices']) => {
    state.commit(withNode(state.lab, node, { ...nodeOf(node), devices }));
  };
  const deviceOf = (node: string, name: string) => need(nodeOf(node).devices, 'device', name, 'ENODEV');
  const qdiscsOf = (node: string, name: string) => deviceOf(node, name).qdisc ?? [];
  const change = (node: string, name: string, device: Device) =>
    commit(node, { ...nodeOf(node).devices, [name]: device });
  const setQdiscs = (node: string, name: string, list: QdiscConfig[]) => {
    const { qdisc: _old, ...device } = deviceOf(node, name);
    change(node, name, list.length === 0 ? device : { ...device, qdisc: list });
    return showQdiscs(name, qdiscsOf(node, name));
  };
  return {
    list: (node) => Object.keys(nodeOf(node).devices).map((name) => view(node, name)),
    get: view,
    create(node, { name, ...input }) {
      const { devices } = nodeOf(node);
      needFree(devices, 'device', name);
      commit(node, { ...devices, [name]: resolveDevice(state.lab.name, node, name, input) });
      return view(node, name);
    },
    patch(node, name, patch) {
      change(node, name, merge(deviceOf(node, name), patch));
      return view(node, name);
    },
    delete(node, name) {
      view(node, name);
      refusePlugged(state.lab, `device ${node}:${name}`, (endpoint) => endpoint === `${node}:${name}`);
      commit(node, without(nodeOf(node).devices, name));
    },
    stats(node, name) {
      view(node, name);
      return { stats64: idleStats64(), drops: {}, ethtool: {} };
    },
    qdisc: (node, name) => showQdiscs(name, deviceOf(node, name).qdisc),
    putQdisc: (node, name, request) => setQdiscs(node, name, withQdisc(qdiscsOf(node, name), request)),
    patchQdisc(node, name, patch) {
      const request = patchedQdisc(qdiscsOf(node, name), patch);
      return setQdiscs(node, name, withQdisc(qdiscsOf(node, name), request));
    },
    deleteQdisc: (node, name, key) => setQdiscs(node, name, withoutQdisc(qdiscsOf(node, name), key)),
    ethtool: (node, name) => showEthtool(deviceOf(node, name)),
    patchEthtool(node, name, patch) {
      const device = deviceOf(node, name);
      change(node, name, { ...device, ethtool: mergeEthtool(device.ethtool, patch) });
      return showEthtool(deviceOf(node, name));
    },
  };
}

function withNode(lab: Lab, name: string, node: Node): Lab {
  return { ...lab, nodes: { ...lab.nodes, [name]: node } };
}

function merge(device: Device, { carrier: _carrier, address, altnames, ...settings }: DevicePatch): Device {
  const named = Object.entries(settings).filter(([, value]) => value !== undefined);
  const names = altnames === undefined ? {} : { altnames: mergeAltnames(device.altnames ?? [], altnames) };
  return { ...device, ...Object.fromEntries(named), ...names, mac: address ?? device.mac };
}

function showEthtool({ ethtool: { ring, coalesce, pause, settings } = {} }: Device): Ethtool {
  const drvinfo = { driver: 'wslink' };
  return {
    drvinfo,
    settings: { ...settings },
    ring: { ...ring } as Record<string, number>,
    coalesce: { ...coalesce } as Record<string, number>,
    channels: {},
    pause: { ...pause },
    features: {},
    stats: {},
  };
}

function showDevice(ifname: string, ifindex: number, device: Device): IpLink {
  return {
    ifindex,
    ifname,
    flags: ['NO-CARRIER', 'BROADCAST', 'MULTICAST', ...(device.up ? ['UP'] : [])],
    mtu: device.mtu,
    qdisc: device.qdisc?.[0]?.kind ?? 'pfifo_fast',
    operstate: 'DOWN',
    linkmode: 'DEFAULT',
    txqlen: device.txqlen ?? 1000,
    link_type: 'ether',
    address: device.mac,
    broadcast: 'ff:ff:ff:ff:ff:ff',
    promiscuity: device.promisc === true ? 1 : 0,
    min_mtu: 68,
    max_mtu: 65_535,
    linkinfo: { info_kind: device.kind },
    ...(device.ifalias === undefined ? {} : { ifalias: device.ifalias }),
    ...(device.altnames === undefined ? {} : { altnames: device.altnames }),
    stats64: idleStats64(),
  };
}

function idleStats64(): Stats64 {
  const both = { bytes: 0, packets: 0, errors: 0, dropped: 0, fifo_errors: 0 };
  return {
    rx: {
      ...both,
      over_errors: 0,
      multicast: 0,
      length_errors: 0,
      crc_errors: 0,
      frame_errors: 0,
      missed_errors: 0,
    },
    tx: {
      ...both,
      carrier_errors: 0,
      collisions: 0,
      aborted_errors: 0,
      window_errors: 0,
      heartbeat_errors: 0,
      carrier_changes: 0,
    },
  };
}
