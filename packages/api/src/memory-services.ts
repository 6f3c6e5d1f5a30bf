/** The services over a lab in memory, with nothing behind it: for the tests of API and client, and to try a page against. */
import { isDeepStrictEqual } from 'node:util';
import {
  checkLab,
  emptyLab,
  InputError,
  type Lab,
  type Link,
  type NodeView,
  resolveNode,
} from '@etherloom/schema';
import { memoryDevices } from './memory-devices.ts';
import { MemoryFdb } from './memory-fdb.ts';
import { memoryLinks } from './memory-links.ts';
import { type MemoryState, need, needFree, refusePlugged, without } from './memory-state.ts';
import { memoryTraces } from './memory-traces.ts';
import type { HealthService, LabService, LanService, NodeService, Services } from './services.ts';

/** Services that remember a lab and answer as a lab would that is idle. */
export function memoryServices(): Services & { readonly state: MemoryState } {
  const state: MemoryState = {
    lab: emptyLab(),
    commit(next) {
      const found = checkLab(next);
      if (found[0] !== undefined) throw new InputError(found[0].code, found);
      state.lab = next;
    },
  };
  return {
    state,
    lab: labService(state),
    nodes: nodeService(state),
    devices: memoryDevices(state),
    lans: lanService(state),
    links: memoryLinks(state),
    traces: memoryTraces(),
    health: healthService(state),
  };
}

function labService(state: MemoryState): LabService {
  const replace = (lab: Lab, dryRun: boolean) => {
    const same = isDeepStrictEqual(lab, state.lab);
    if (!dryRun) state.commit(lab);
    const changes = same ? [] : [{ op: 'change' as const, kind: 'lab' as const, name: lab.name }];
    return { lab: lab.name, dryRun, changes };
  };
  return {
    get: () => state.lab,
    put: (lab, { dryRun }) => replace(lab, dryRun),
    delete: ({ dryRun }) => replace(emptyLab(state.lab.name), dryRun),
  };
}

function nodeService(state: MemoryState): NodeService {
  const view = (name: string): NodeView => {
    const { stack, devices } = need(state.lab.nodes, 'node', name);
    return { name, connected: false, stack, devices: Object.keys(devices) };
  };
  return {
    list: () => Object.keys(state.lab.nodes).map(view),
    get: view,
    create({ name, ...input }) {
      const { lab } = state;
      needFree(lab.nodes, 'node', name);
      state.commit({ ...lab, nodes: { ...lab.nodes, [name]: resolveNode(lab.name, name, input) } });
      return view(name);
    },
    delete(name) {
      const { lab } = state;
      need(lab.nodes, 'node', name);
      refusePlugged(lab, `node ${name}`, (endpoint) => endpoint.startsWith(`${name}:`));
      state.commit({ ...lab, nodes: without(lab.nodes, name) });
    },
    ping(name, { target, count }) {
      need(state.lab.nodes, 'node', name);
      return { target, sent: count, received: 0, rtt: null };
    },
    addresses(name) {
      need(state.lab.nodes, 'node', name);
      return [];
    },
    neighbours(name) {
      need(state.lab.nodes, 'node', name);
      return [];
    },
  };
}

function lanService(state: MemoryState): LanService {
  const fdb = new MemoryFdb();
  const view = (name: string) => {
    const { ageing } = need(state.lab.lans, 'LAN', name);
    return { name, ageing, ports: linksOf(state.lab, name).length };
  };
  const ports = (lan: string) => linksOf(state.lab, lan).map((link, port) => idlePort(lan, link, port));
  return {
    list: () => Object.keys(state.lab.lans).map(view),
    get: view,
    create({ name, ageing }) {
      needFree(state.lab.lans, 'LAN', name);
      state.commit({ ...state.lab, lans: { ...state.lab.lans, [name]: { ageing } } });
      return view(name);
    },
    patch(name, patch) {
      const { ageing } = need(state.lab.lans, 'LAN', name);
      const lans = { ...state.lab.lans, [name]: { ageing: patch.ageing ?? ageing } };
      state.commit({ ...state.lab, lans });
      return view(name);
    },
    delete(name) {
      need(state.lab.lans, 'LAN', name);
      refusePlugged(state.lab, `LAN ${name}`, (endpoint) => endpoint === `lan:${name}`);
      state.commit({ ...state.lab, lans: without(state.lab.lans, name) });
    },
    ports(lan) {
      view(lan);
      return ports(lan);
    },
    patchPort(lan, port, { learning, flood, isolated }) {
      view(lan);
      const old = need(Object.fromEntries(ports(lan).entries()), 'port', String(port));
      return {
        ...old,
        learning: learning ?? old.learning,
        flood: flood ?? old.flood,
        isolated: isolated ?? old.isolated,
      };
    },
    fdb: (lan) => fdb.list(view(lan).name),
    fdbAdd: (lan, entry) => fdb.add(view(lan).name, entry),
    fdbDelete: (lan, key) => fdb.delete(view(lan).name, key),
  };
}

function linksOf(lab: Lab, lan: string): Link[] {
  return lab.links.filter(({ endpoints }) => endpoints.includes(`lan:${lan}`));
}

function idlePort(lan: string, { name, endpoints }: Link, port: number) {
  return {
    port,
    endpoint: endpoints.find((end) => end !== `lan:${lan}`) ?? '',
    link: name,
    state: 'disabled' as const,
    learning: true,
    flood: true,
    isolated: false,
    counters: { rx: 0, tx: 0, rxBytes: 0, txBytes: 0, drops: {} },
  };
}

function healthService(state: MemoryState): HealthService {
  return {
    health: () => ({ status: 'ok', version: '0.0.0' }),
    waiting: () => Object.keys(state.lab.nodes).map((name) => `node ${name} has not connected`),
  };
}
