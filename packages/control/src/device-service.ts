/**
 * `/v1/nodes/{node}/devices`: what the node's agent observes, in the shape of `ip -j link`. A setting that the lab knows
 * is changed in the lab, so that it lasts; all settings are then applied as `ip link set` would, whatever was there.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DeviceService } from '@etherloom/api';
import { type Device, type DevicePatch, type IpLink, mergeAltnames, resolveDevice } from '@etherloom/schema';
import { nodeAgent } from './agents.ts';
import { ControlError } from './control-error.ts';
import type { DesiredLab } from './desired-lab.ts';
import { byAnyName } from './device-names.ts';
import { type ChangeDevice, deviceTuning } from './device-tuning.ts';
import { deviceOf, labOf, nodeOf, own, refusePlugged, refuseTaken, withDevice } from './lab-edit.ts';
import type { Reconciler } from './reconciler.ts';
import { SerialByKey } from './serial.ts';

export function deviceService(desired: DesiredLab, reconciler: Reconciler): DeviceService {
  /** One at a time for each node: a node that does not answer holds up no other. */
  const patches = new SerialByKey();
  /** The agent of a node that is in the lab or has connected without. */
  const agentOf = (node: string) => {
    if (reconciler.node(node)?.connected !== true) nodeOf(desired.current, node);
    return nodeAgent(reconciler, node);
  };
  const list = (node: string) => agentOf(node).call('device.list', {});
  const get = async (node: string, name: string): Promise<IpLink> => {
    const devices = await list(node);
    const found = devices.find((device) => device.ifname === name);
    if (found !== undefined) return found;
    const names = devices.map((device) => device.ifname).join(', ');
    throw new ControlError('ENODEV', `node ${node} has no device ${name}: it has ${names || 'none'}`);
  };
  const change: ChangeDevice = (node, name, edit) =>
    desired.change(
      (current) => withDevice(labOf(current), node, name, edit(own(nodeOf(current, node).devices, name))),
      { needs: [`node ${node}`] },
    );
  const known = (node: string, name: string) =>
    own(own(desired.current?.nodes, node)?.devices, name) !== undefined;
  const set = (node: string, device: string, patch: DevicePatch) =>
    agentOf(node).call('device.set', { device, patch });
  /** Undoes a patch that failed on its way, as far as it came. */
  const restore = async (
    node: string,
    name: string,
    before: Device | undefined,
    patch: DevicePatch,
    seen: DevicePatch,
  ) => {
    if (before !== undefined) {
      const patched = merged(before, patch);
      // Only what this patch did: the lab may have been replaced meanwhile.
      await change(node, name, (device) => (isDeepStrictEqual(device, patched) ? before : (device ?? null)));
    }
    const { add, del } = patch.altnames ?? {};
    if (patch.altnames !== undefined) await set(node, name, { altnames: { add: del, del: add } });
    // A slice leaves alone what it does not name, so this does not come back by itself.
    await set(node, name, Object.fromEntries(Object.entries(seen).filter(([key]) => key in patch)));
  };

  const service: DeviceService = {
    list: async (node) => list(node),
    get,
    create: async (node, { name, ...input }) => {
      agentOf(node);
      await change(node, name, (device) => {
        refuseTaken(device !== undefined, `device ${node}:${name}`);
        return resolveDevice(labOf(desired.current).name, node, name, input);
      });
      return get(node, name);
    },
    patch: (node, name, patch) =>
      patches.run(node, async () => {
        const seen = await get(node, name);
        const before = own(own(desired.current?.nodes, node)?.devices, name);
        const { altnames, ...rest } = patch;
        // Why apart: in the lab a name that is there already is no news; the kernel refuses it.
        if (altnames !== undefined) await set(node, name, { altnames });
        try {
          if (before !== undefined) await change(node, name, (device) => merged(device ?? before, patch));
          const now = await set(node, name, rest);
          if (patch.carrier !== undefined) reconciler.noteCarrier(node, name, patch.carrier);
          return now;
        } catch (error) {
          const carrier = !reconciler.carrierOff(node, name);
          await restore(node, name, before, patch, asSeen(seen, carrier)).catch(() => undefined);
          throw error;
        }
      }),
    delete: async (node, name) => {
      if (name === 'lo') throw new ControlError('EOPNOTSUPP', `${node}:lo stays as long as its node`);
      await desired.change((current) => {
        deviceOf(current, node, name);
        refusePlugged(labOf(current), `device ${node}:${name}`, (endpoint) => endpoint === `${node}:${name}`);
        return withDevice(labOf(current), node, name, null);
      });
    },
    stats: async (node, device) => agentOf(node).call('device.stats', { device }),
    qdisc: async (node, device) => agentOf(node).call('device.qdisc', { device }),
    ethtool: async (node, device) => agentOf(node).call('device.ethtool', { device }),
    ...deviceTuning({ patches, agentOf, known, change }),
  };
  return byAnyName(service, { has: known, list });
}

/** The carrier and the operational state are the moment's, not the lab's. */
function merged(device: Device, patch: DevicePatch): Device {
  const { carrier: _carrier, operstate: _operstate, address, altnames, ...settings } = patch;
  const named = Object.entries(settings).filter(([, value]) => value !== undefined);
  const names = altnames === undefined ? {} : { altnames: mergeAltnames(device.altnames ?? [], altnames) };
  return { ...device, ...Object.fromEntries(named), ...names, mac: address ?? device.mac };
}

/** The settings of a patch, as the device has them. */
function asSeen(seen: IpLink, carrier: boolean): DevicePatch {
  const { mtu, flags, address, txqlen, ifalias = '', group = 'default', linkmode } = seen;
  const up = flags.includes('UP');
  return {
    mtu,
    up,
    address,
    txqlen,
    ifalias,
    promisc: flags.includes('PROMISC'),
    allmulticast: flags.includes('ALLMULTI'),
    multicast: flags.includes('MULTICAST'),
    arp: !flags.includes('NOARP'),
    group: group === 'default' ? 0 : Number(group),
    mode: linkmode === 'DORMANT' ? 'dormant' : 'default',
    carrier,
  };
}
