/** A device may be called by any of its altnames, as `ip link show dev ALTNAME` takes them. cf. netdev_name_node_lookup */
import type { Awaitable, DeviceService } from '@etherloom/api';
import type { IpLink } from '@etherloom/schema';

/** What knows a node's devices. */
export interface KnownDevices {
  /** The lab has a device of this very name. */
  has(node: string, name: string): boolean;
  list(node: string): Promise<IpLink[]>;
}

/** The service, with every device found by its name or another of its names. */
export function byAnyName(service: DeviceService, devices: KnownDevices): DeviceService {
  const realName = async (node: string, name: string): Promise<string> => {
    if (devices.has(node, name)) return name;
    // Why not its error: the call itself will say what is wrong.
    const shown = await devices.list(node).catch(() => []);
    const found = shown.find(({ altnames = [] }) => altnames.includes(name));
    return found?.ifname ?? name;
  };
  const named =
    <A extends unknown[], R>(fn: (node: string, device: string, ...rest: A) => Awaitable<R>) =>
    async (node: string, device: string, ...rest: A): Promise<R> =>
      fn(node, await realName(node, device), ...rest);
  return {
    list: service.list,
    create: service.create,
    get: named(service.get),
    patch: named(service.patch),
    delete: named(service.delete),
    stats: named(service.stats),
    qdisc: named(service.qdisc),
    putQdisc: named(service.putQdisc),
    patchQdisc: named(service.patchQdisc),
    deleteQdisc: named(service.deleteQdisc),
    ethtool: named(service.ethtool),
    patchEthtool: named(service.patchEthtool),
  };
}
