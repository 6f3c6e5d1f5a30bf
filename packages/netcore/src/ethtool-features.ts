/** `ethtool -k` and `-K`: what of the unfinished work a device takes on. cf. net/ethtool/features.c */
import {
  ALWAYS_ON,
  FEATURE_ALIASES,
  FEATURE_GROUPS,
  FEATURE_LINES,
  NETDEV_FEATURES_STRINGS,
} from './ethtool-feature-names.ts';
import { ethtoolBegin } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import { netdevUpdateFeatures } from './netdev-features.ts';

/** As `ethtool --json -k`; the lines that sum up others have no fixed and no requested. */
export interface EthtoolFeature {
  active: boolean;
  fixed: boolean | null;
  requested: boolean | null;
}

export function ethtoolGetFeatures(dev: NetDevice): Record<string, EthtoolFeature> {
  ethtoolBegin(dev);
  return Object.fromEntries(FEATURE_LINES.map((name) => [name, feature(dev, name)]));
}

/**
 * Asks for features to be on or off, by any of their names; says which are different after it. What the hardware
 * cannot is refused only when nothing of the request could be done, as the tool does; the driver may still say no.
 */
export function ethtoolSetFeatures(dev: NetDevice, wanted: Readonly<Record<string, boolean>>): string[] {
  ethtoolBegin(dev);
  let [on, mask] = [0, 0];
  for (const [name, value] of Object.entries(wanted)) {
    const bits = bitsOf(name);
    mask |= bits;
    on = value ? on | bits : on & ~bits;
  }
  const before = dev.features;
  if (((dev.wantedFeatures ^ on) & mask & dev.hwFeatures) !== 0) {
    const changed = mask & dev.hwFeatures;
    dev.wantedFeatures = (dev.wantedFeatures & ~changed) | (on & changed);
    netdevUpdateFeatures(dev);
  }
  refuseIdle(dev, wanted, before);
  return namesOf(before ^ dev.features);
}

function feature(dev: NetDevice, name: string): EthtoolFeature {
  const group = FEATURE_GROUPS[name];
  if (group !== undefined) return { active: anyOn(dev, group), fixed: null, requested: null };
  if (name === ALWAYS_ON) return { active: true, fixed: true, requested: false };
  const bit = NETDEV_FEATURES_STRINGS[name] ?? 0;
  const active = (dev.features & bit) !== 0;
  const fixed = (dev.hwFeatures & bit) === 0;
  return { active, fixed, requested: !fixed && (dev.wantedFeatures & bit) !== 0 };
}

function anyOn(dev: NetDevice, names: readonly string[]): boolean {
  return names.some((name) => (dev.features & (NETDEV_FEATURES_STRINGS[name] ?? 0)) !== 0);
}

/** All bits that a name stands for; 0 for what we never have. */
function bitsOf(given: string): number {
  const name = FEATURE_ALIASES[given] ?? given;
  if (!FEATURE_LINES.includes(name)) throw new NetError('EOPNOTSUPP', `bit name not found: ${given}`);
  return (FEATURE_GROUPS[name] ?? [name]).reduce((bits, n) => bits | (NETDEV_FEATURES_STRINGS[n] ?? 0), 0);
}

function namesOf(bits: number): string[] {
  return FEATURE_LINES.filter((name) => (bits & (NETDEV_FEATURES_STRINGS[name] ?? 0)) !== 0);
}

/** As the tool's "Could not change any device features": something is not as asked, and nothing has moved. */
function refuseIdle(dev: NetDevice, wanted: Readonly<Record<string, boolean>>, before: number): void {
  if (dev.features !== before) return;
  const stuck = Object.entries(wanted).filter(([name, value]) => isOn(dev, name) !== value);
  if (stuck.length === 0) return;
  const names = stuck.map(([name, value]) => `${name} ${value ? 'on' : 'off'}`).join(', ');
  throw new NetError('EOPNOTSUPP', `Could not change any device features: ${dev.name} cannot turn ${names}`);
}

function isOn(dev: NetDevice, given: string): boolean {
  return feature(dev, FEATURE_ALIASES[given] ?? given).active;
}
