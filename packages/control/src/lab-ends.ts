/** The ends of a lab's links. A lab has been checked, so an end that is no LAN is a device. */
import type { Lab } from '@etherloom/schema';

export interface DeviceEnd {
  readonly node: string;
  readonly device: string;
}

/** Null for an end in a LAN. */
export function deviceEnd(endpoint: string): DeviceEnd | null {
  if (endpoint.startsWith('lan:')) return null;
  const at = endpoint.indexOf(':');
  return { node: endpoint.slice(0, at), device: endpoint.slice(at + 1) };
}

const plugged = new WeakMap<Lab, ReadonlySet<string>>();

/** Endpoint texts of the devices that some link plugs in; worked out once a lab, for each node asks. */
export function pluggedDevices(lab: Lab): ReadonlySet<string> {
  let devices = plugged.get(lab);
  if (devices === undefined) {
    devices = new Set(lab.links.flatMap((link) => link.endpoints).filter((end) => deviceEnd(end) !== null));
    plugged.set(lab, devices);
  }
  return devices;
}
