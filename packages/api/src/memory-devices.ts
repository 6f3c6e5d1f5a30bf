/** Devices of a lab in memory, shown as `ip link` would show them with no carrier. */
import {
  type Device,
  type DevicePatch,
  type IpLink,
  type Lab,
  type Node,
  resolveDevice,
  type Stats64,
} from '@etherloom/schema';
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
      const { devices } = nodeOf(node);
      commit(node, { ...devices, [name]: merge(need(devices, 'device', name, 'ENODEV'), patch) });
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
    qdisc(node, name) {
      view(node, name);
      const counters = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
      return [{ kind: 'pfifo_fast', handle: '0:', dev: name, root: true, options: {}, ...counters }];
    },
    ethtool(node, name) {
      view(node, name);
      return { drvinfo: { driver: 'wslink' }, settings: {}, ring: {}, coalesce: {}, stats: {} };
    },
  };
}

function withNode(lab: Lab, name: string, node: Node): Lab {
  return { ...lab, nodes: { ...lab.nodes, [name]: node } };
}

function merge(device: Device, patch: DevicePatch): Device {
  return {
    ...device,
    mtu: patch.mtu ?? device.mtu,
    up: patch.up ?? device.up,
    mac: patch.address ?? device.mac,
    txqlen: patch.txqlen ?? device.txqlen,
    promisc: patch.promisc ?? device.promisc,
    ifalias: patch.ifalias ?? device.ifalias,
  };
}

function showDevice(ifname: string, ifindex: number, device: Device): IpLink {
  return {
    ifindex,
    ifname,
    flags: ['NO-CARRIER', 'BROADCAST', 'MULTICAST', ...(device.up ? ['UP'] : [])],
    mtu: device.mtu,
    qdisc: 'pfifo_fast',
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
