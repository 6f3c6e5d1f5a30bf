/** `/v1/nodes`: the nodes of the lab, and those that have connected without being in it. */
import type { NodeService } from '@etherloom/api';
import {
  type Lab,
  type NodeCreate,
  type NodeView,
  type PingRequest,
  parseIp,
  resolveNode,
} from '@etherloom/schema';
import { nodeAgent } from './agents.ts';
import { ControlError } from './control-error.ts';
import type { DesiredLab } from './desired-lab.ts';
import {
  deviceOf,
  labOf,
  labOrEmpty,
  nodeOf,
  own,
  refusePlugged,
  refuseTaken,
  withNode,
} from './lab-edit.ts';
import type { Reconciler } from './reconciler.ts';

/** An agent has a minute to answer. */
const MAX_PING_S = 50;

export function nodeService(desired: DesiredLab, reconciler: Reconciler): NodeService {
  const get = (name: string): NodeView => {
    const node = own(desired.current?.nodes, name);
    const connected = reconciler.node(name)?.connected ?? false;
    const agent = reconciler.node(name)?.agent;
    const host = agent ? { process: agent.process } : {};
    if (node === undefined && connected) return { name, connected, ...host, stack: 'none', devices: [] };
    const { stack, devices } = nodeOf(desired.current, name);
    const problems = (reconciler.node(name)?.refusals ?? []).map(({ what, ...why }) => ({
      device: what,
      ...why,
    }));
    const view = { name, connected, ...host, stack, devices: Object.keys(devices) };
    return problems.length === 0 ? view : { ...view, problems };
  };
  const agentOf = (name: string) => {
    get(name);
    return nodeAgent(reconciler, name);
  };
  return {
    list: async () => {
      const names = new Set([...Object.keys(desired.current?.nodes ?? {}), ...reconciler.nodeNames()]);
      return [...names].map(get);
    },
    get: async (name) => get(name),
    create: async ({ name, ...input }: NodeCreate) => {
      await desired.change((current) => {
        const lab = labOrEmpty(current);
        refuseTaken(own(lab.nodes, name) !== undefined, `node ${name}`);
        return withNode(lab, name, resolveNode(lab.name, name, input));
      });
      return get(name);
    },
    delete: async (name) => {
      await desired.change((current) => {
        nodeOf(current, name);
        const lab = labOf(current);
        refusePlugged(lab, `node ${name}`, (endpoint) => endpoint.startsWith(`${name}:`));
        return withNode(lab, name, null);
      });
    },
    addresses: async (name) => agentOf(name).call('node.addresses', {}),
    neighbours: async (name) => agentOf(name).call('node.neighbours', {}),
    ping: async (name, request) => {
      const agent = agentOf(name);
      const target = targetAddress(desired.current, request.target);
      return agent.call('node.ping', { ...request, target }, pingTimeoutMs(request));
    },
  };
}

/** The address to ping for `h2` or `h2:eth0`; an address is itself. */
function targetAddress(lab: Lab | null, target: string): string {
  if (parseIp(target) !== null) return target;
  const [name = '', device, ...more] = target.split(':');
  const node = own(lab?.nodes, name);
  if (node === undefined || more.length > 0) {
    throw new ControlError('EINVAL', `"${target}" is neither an IP address nor a node or device of the lab`);
  }
  if (device !== undefined) deviceOf(lab, name, device);
  const devices = device === undefined ? Object.values(node.devices) : [own(node.devices, device)];
  const [address] = devices.flatMap((entry) => entry?.ip ?? []);
  if (address === undefined)
    throw new ControlError('EADDRNOTAVAIL', `${target} has no IP address in the lab: give it one with "ip"`);
  return address.slice(0, address.indexOf('/'));
}

function pingTimeoutMs({ count, interval, timeout }: PingRequest): number {
  const seconds = (count - 1) * interval + timeout;
  if (seconds > MAX_PING_S) {
    const text = `${count} requests ${interval} s apart take longer than ${MAX_PING_S} s: ask for fewer, or closer together`;
    throw new ControlError('EINVAL', text);
  }
  return seconds * 1000 + 5_000;
}
