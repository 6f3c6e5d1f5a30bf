/** What each agent needs to know of the lab: pure functions from the lab to slices. */
import {
  type DeviceSlice,
  effectiveImpair,
  type Lab,
  type NodeApply,
  type SwitchApply,
} from '@etherloom/schema';
import { pluggedDevices } from './lab-ends.ts';

export function switchSlice(lab: Lab | null): SwitchApply {
  if (lab === null) return { lans: [], links: [] };
  return {
    lans: Object.entries(lab.lans).map(([name, { ageing }]) => ({ name, ageing })),
    links: lab.links.map(({ name, endpoints: [a, b], mtu, carrier, impair }) => ({
      name,
      a,
      b,
      mtu,
      carrier,
      impair: effectiveImpair(impair),
    })),
  };
}

/**
 * The slice of a node; one without devices for a node the lab does not have. Null while a device of it is plugged in
 * and no switch has said where: telling the node now would unplug a device that may well be forwarding.
 */
export function nodeSlice(lab: Lab | null, node: string, dataUrl: string | null): NodeApply | null {
  const entry = lab !== null && Object.hasOwn(lab.nodes, node) ? lab.nodes[node] : undefined;
  if (lab === null || entry === undefined) return { lab: lab?.name ?? '', stack: 'none', devices: [] };
  const plugged = pluggedDevices(lab);
  const devices = Object.entries(entry.devices).map(([name, device]): DeviceSlice => {
    return { name, ...device, dataUrl: plugged.has(`${node}:${name}`) ? dataUrl : null };
  });
  const waiting = dataUrl === null && devices.some(({ name }) => plugged.has(`${node}:${name}`));
  return waiting ? null : { lab: lab.name, stack: entry.stack, devices };
}

/** The devices for which `next` says something else than `before`; all of them when the node itself changes. */
export function changedDevices(before: NodeApply | null, next: NodeApply): Set<string> {
  const whole = before === null || before.stack !== next.stack || before.lab !== next.lab;
  const old = new Map(before?.devices.map((device) => [device.name, JSON.stringify(device)]));
  const changed = next.devices.filter((device) => whole || old.get(device.name) !== JSON.stringify(device));
  return new Set(changed.map((device) => device.name));
}
