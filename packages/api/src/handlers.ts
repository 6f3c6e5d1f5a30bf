/** Each operation of the route table as one call of a service. */
import { type InputOf, type OutputOf, parseLab, type RouteId } from '@etherloom/schema';
import { HttpError } from './errors.ts';
import type { Awaitable, HealthService, Services } from './services.ts';

export type Handlers = {
  readonly [K in RouteId]: (
    input: InputOf<K>,
  ) => OutputOf<K> extends undefined ? Awaitable<void> : Awaitable<OutputOf<K>>;
};

export function handlersOf({ lab, nodes, devices, lans, links, traces, health }: Services): Handlers {
  return {
    getLab: () => lab.get(),
    putLab: ({ body, query }) => lab.put(parseLab(body), query),
    deleteLab: ({ query }) => lab.delete(query),
    healthz: () => health.health(),
    readyz: () => ready(health),

    listNodes: () => nodes.list(),
    createNode: ({ body }) => nodes.create(body),
    getNode: ({ params }) => nodes.get(params.node),
    deleteNode: ({ params }) => nodes.delete(params.node),
    ping: ({ params, body }) => nodes.ping(params.node, body),
    listAddresses: ({ params }) => nodes.addresses(params.node),
    listNeighbours: ({ params }) => nodes.neighbours(params.node),

    listDevices: ({ params }) => devices.list(params.node),
    createDevice: ({ params, body }) => devices.create(params.node, body),
    getDevice: ({ params }) => devices.get(params.node, params.dev),
    patchDevice: ({ params, body }) => devices.patch(params.node, params.dev, body),
    deleteDevice: ({ params }) => devices.delete(params.node, params.dev),
    getDeviceStats: ({ params }) => devices.stats(params.node, params.dev),
    getDeviceQdisc: ({ params }) => devices.qdisc(params.node, params.dev),
    putDeviceQdisc: ({ params, body }) => devices.putQdisc(params.node, params.dev, body),
    patchDeviceQdisc: ({ params, body }) => devices.patchQdisc(params.node, params.dev, body),
    deleteDeviceQdisc: ({ params, query }) => devices.deleteQdisc(params.node, params.dev, query),
    getDeviceEthtool: ({ params }) => devices.ethtool(params.node, params.dev),
    patchDeviceEthtool: ({ params, body }) => devices.patchEthtool(params.node, params.dev, body),

    listLans: () => lans.list(),
    createLan: ({ body }) => lans.create(body),
    getLan: ({ params }) => lans.get(params.lan),
    patchLan: ({ params, body }) => lans.patch(params.lan, body),
    deleteLan: ({ params }) => lans.delete(params.lan),
    listPorts: ({ params }) => lans.ports(params.lan),
    patchPort: ({ params, body }) => lans.patchPort(params.lan, params.port, body),
    listFdb: ({ params }) => lans.fdb(params.lan),
    addFdb: ({ params, body }) => lans.fdbAdd(params.lan, body),
    deleteFdb: ({ params, query }) => lans.fdbDelete(params.lan, query),

    listLinks: () => links.list(),
    createLink: ({ body }) => links.create(body),
    getLink: ({ params }) => links.get(params.link),
    patchLink: ({ params, body }) => links.patch(params.link, body),
    deleteLink: ({ params }) => links.delete(params.link),
    getLinkStats: ({ params }) => links.stats(params.link),

    createTrace: ({ body }) => traces.create(body),
    getTrace: ({ params }) => traces.get(params.trace),
    deleteTrace: ({ params }) => traces.delete(params.trace),
  };
}

async function ready(health: HealthService) {
  const waiting = await health.waiting();
  if (waiting.length === 0) return health.health();
  throw new HttpError(503, 'EAGAIN', `not ready: ${waiting.join('; ')}`, { 'retry-after': '1' });
}
