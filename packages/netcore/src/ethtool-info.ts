/** `ethtool -i` and `-S`: who drives a device, and what it counts. cf. net/ethtool/ioctl.c */
import { ethtoolBegin } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';

/** The lines of `ethtool -i`. */
export interface EthtoolInfo {
  driver: string;
  version: string;
  'firmware-version': string;
  'expansion-rom-version': string;
  'bus-info': string;
  'supports-statistics': string;
  'supports-test': string;
  'supports-eeprom-access': string;
  'supports-register-dump': string;
  'supports-priv-flags': string;
}

/** Null when neither a driver nor a kind is known: EOPNOTSUPP, as of lo. */
export function ethtoolGetDrvinfo(dev: NetDevice): EthtoolInfo | null {
  ethtoolBegin(dev);
  const info = dev.ethtoolOps.getDrvinfo?.(dev);
  const driver = info?.driver ?? dev.kind;
  if (driver === '') return null;
  return {
    driver,
    version: info?.version ?? '',
    'firmware-version': info?.fwVersion ?? '',
    'expansion-rom-version': '',
    'bus-info': info?.busInfo ?? '',
    'supports-statistics': dev.ethtoolOps.getStrings === undefined ? 'no' : 'yes',
    'supports-test': 'no',
    'supports-eeprom-access': 'no',
    'supports-register-dump': 'no',
    'supports-priv-flags': 'no',
  };
}

/** Names and values in the driver's order; null when it counts nothing of its own: "no stats available". */
export function ethtoolGetStats(dev: NetDevice): Record<string, number> | null {
  ethtoolBegin(dev);
  const names = dev.ethtoolOps.getStrings?.(dev);
  if (names === undefined || names.length === 0) return null;
  const values = dev.ethtoolOps.getEthtoolStats?.(dev) ?? [];
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? 0]));
}
