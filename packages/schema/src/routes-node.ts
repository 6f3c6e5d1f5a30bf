/** Routes of nodes and their devices. */
import { z } from 'zod';
import { DeviceCreate, DevicePatch } from './device.ts';
import { Ethtool, EthtoolPatch } from './ethtool.ts';
import { IpAddr } from './ip-addr.ts';
import { IpLink } from './ip-link.ts';
import { IpNeigh } from './ip-neigh.ts';
import { AltName, NodeName } from './names.ts';
import { NodeCreate, NodeView } from './node.ts';
import { PingRequest, PingResult } from './ping.ts';
import { Qdisc, QdiscKey, QdiscPatch, QdiscPut } from './qdisc.ts';
import type { RouteSpec } from './route.ts';
import { DeviceStats } from './stats.ts';
import { strict } from './strict.ts';

const OfNode = strict({ node: NodeName });
const OfDevice = strict({
  node: NodeName,
  dev: AltName.meta({ description: 'Name of the device, or one of its altnames.', examples: ['eth0'] }),
});
const DEVICES = '/v1/nodes/{node}/devices';
const DEVICE = '/v1/nodes/{node}/devices/{dev}';

const nodes = { tag: 'node' } as const;
const node = { path: '/v1/nodes/{node}', tag: 'node', params: OfNode } as const;
const device = { path: DEVICE, tag: 'device', params: OfDevice } as const;
const qdisc = { ...device, path: `${DEVICE}/qdisc`, status: 200, response: z.array(Qdisc) } as const;
const ethtool = { ...device, path: `${DEVICE}/ethtool`, status: 200, response: Ethtool } as const;

export const NODE_ROUTES = {
  listNodes: {
    ...nodes,
    method: 'GET',
    path: '/v1/nodes',
    summary: 'All nodes',
    status: 200,
    response: z.array(NodeView),
  },
  createNode: {
    ...nodes,
    method: 'POST',
    path: '/v1/nodes',
    summary: 'Add a node',
    body: NodeCreate,
    example: { name: 'h4', stack: 'user', devices: { eth0: { ip: '10.0.0.4/24' } } },
    status: 201,
    response: NodeView,
  },
  getNode: { ...node, method: 'GET', summary: 'One node', status: 200, response: NodeView },
  deleteNode: {
    ...node,
    method: 'DELETE',
    summary: 'Remove a node; EBUSY while a link ends at it',
    status: 204,
  },
  ping: {
    ...node,
    method: 'POST',
    path: '/v1/nodes/{node}/ping',
    summary: 'Ping from a node',
    body: PingRequest,
    example: { target: '10.0.0.2', count: 4, interval: '200ms' },
    status: 200,
    response: PingResult,
  },
  listAddresses: {
    ...node,
    method: 'GET',
    path: '/v1/nodes/{node}/addresses',
    summary: 'Addresses of a node, as `ip -j addr`',
    status: 200,
    response: z.array(IpAddr),
  },
  listNeighbours: {
    ...node,
    method: 'GET',
    path: '/v1/nodes/{node}/neighbours',
    summary: 'Neighbours of a node, as `ip -j -s neigh`',
    status: 200,
    response: z.array(IpNeigh),
  },
} as const satisfies Record<string, RouteSpec>;

export const DEVICE_ROUTES = {
  listDevices: {
    ...device,
    method: 'GET',
    path: DEVICES,
    params: OfNode,
    summary: 'All devices of a node, as `ip -j -d -s -s link`',
    status: 200,
    response: z.array(IpLink),
  },
  createDevice: {
    ...device,
    method: 'POST',
    path: DEVICES,
    params: OfNode,
    summary: 'Add a device to a node',
    body: DeviceCreate,
    example: { name: 'eth1', ip: '10.0.1.1/24', mtu: 1400 },
    status: 201,
    response: IpLink,
  },
  getDevice: {
    ...device,
    method: 'GET',
    summary: 'One device, as `ip -j -d -s -s link`',
    status: 200,
    response: IpLink,
  },
  patchDevice: {
    ...device,
    method: 'PATCH',
    summary: 'Change MTU, carrier, admin state, address, ...; the rest stays',
    body: DevicePatch,
    example: { mtu: 1400, up: true },
    status: 200,
    response: IpLink,
  },
  deleteDevice: {
    ...device,
    method: 'DELETE',
    summary: 'Remove a device; EBUSY while it is plugged in',
    status: 204,
  },
  getDeviceStats: {
    ...device,
    method: 'GET',
    path: `${DEVICE}/stats`,
    summary: 'Counters, drops by reason, driver statistics',
    status: 200,
    response: DeviceStats,
  },
  getDeviceQdisc: {
    ...qdisc,
    method: 'GET',
    summary:
      'Queueing disciplines in front of the wire, as `tc -j -s qdisc`; with stack kernel, Linux has its own before them',
  },
  putDeviceQdisc: {
    ...qdisc,
    method: 'PUT',
    summary: 'Add, replace or change a queueing discipline, as `tc qdisc`',
    body: QdiscPut,
    example: { kind: 'netem', options: { delay: { delay: '10ms', jitter: '2ms' } } },
  },
  patchDeviceQdisc: {
    ...qdisc,
    method: 'PATCH',
    summary: 'Change options of a queueing discipline; the others stay',
    body: QdiscPatch,
    example: { options: { 'loss-random': { loss: '0.5%' } } },
  },
  deleteDeviceQdisc: {
    ...qdisc,
    method: 'DELETE',
    summary: 'Remove a queueing discipline, the root unless another is named',
    query: QdiscKey,
  },
  getDeviceEthtool: {
    ...ethtool,
    method: 'GET',
    summary: 'Driver, settings, rings, coalescing, channels, pause, features, statistics, as ethtool',
  },
  patchDeviceEthtool: {
    ...ethtool,
    method: 'PATCH',
    summary: 'Change rings, coalescing, features ...; the rest stays',
    body: EthtoolPatch,
    example: { ring: { rx: 512 }, features: { 'tx-tcp-segmentation': false } },
  },
} as const satisfies Record<string, RouteSpec>;
