/** What a driver writes into its device while it runs: new tables are checked too, and the MTU is not its to write. */
import type { EthtoolOps, NetDevice, NetDeviceOps } from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';

/** Where the MTU may be written: by the core, before the device is there, and where the core asks for it. */
const MTU_OPS = new Set([null, 'setup', 'newlink', 'ndoInit', 'ndoChangeMtu']);

export interface Wrappers {
  netdevOps(ops: NetDeviceOps): NetDeviceOps;
  ethtoolOps(ops: EthtoolOps): EthtoolOps;
}

/** From here on, tables that are put into the device are wrapped. */
export function guardDevice(driver: DriverUnderTest, wrap: Wrappers): void {
  const { dev, checker } = driver;
  guard(dev, 'netdevOps', wrap.netdevOps);
  guard(dev, 'ethtoolOps', wrap.ethtoolOps);
  if (!checker.enabled) return;
  let mtu = dev.mtu;
  Object.defineProperty(dev, 'mtu', {
    get: () => mtu,
    set: (value: number) => {
      if (!MTU_OPS.has(checker.op)) {
        checker.report('mtu-by-hand', { text: `dev.mtu is ${mtu}, and ${checker.op} writes ${value}` });
      }
      mtu = value;
    },
    enumerable: true,
  });
}

function guard<Name extends 'netdevOps' | 'ethtoolOps'>(
  dev: NetDevice,
  name: Name,
  wrap: (table: NetDevice[Name]) => NetDevice[Name],
): void {
  let table = wrap(dev[name]);
  const set = (value: NetDevice[Name]) => {
    table = wrap(value);
  };
  Object.defineProperty(dev, name, { get: () => table, set, enumerable: true });
}
