/** A device's driver in the sections of `ethtool --json`: what it says of itself, and what may be changed. */
import {
  ethtoolGetChannels,
  ethtoolGetCoalesce,
  ethtoolGetDrvinfo,
  ethtoolGetFeatures,
  ethtoolGetPause,
  ethtoolGetRings,
  ethtoolGetSettings,
  ethtoolGetStats,
  ethtoolSet,
  type EthtoolPatch as NetcorePatch,
  type NetDevice,
  NetError,
} from '@etherloom/netcore';
import type { Ethtool, EthtoolPatch } from '@etherloom/schema';

/** What the driver does not answer stays empty. */
export function showEthtool(dev: NetDevice): Ethtool {
  return {
    drvinfo: { ...ethtoolGetDrvinfo(dev) },
    settings: { ...ethtoolGetSettings(dev) },
    ring: { ...ethtoolGetRings(dev) },
    coalesce: { ...ethtoolGetCoalesce(dev) },
    channels: { ...ethtoolGetChannels(dev) },
    pause: { ...ethtoolGetPause(dev) },
    features: ethtoolGetFeatures(dev),
    stats: ethtoolGetStats(dev) ?? {},
  };
}

/** All of a patch or nothing; throws a NetError. */
export function patchEthtool(dev: NetDevice, patch: EthtoolPatch): void {
  // Why the cast: zod's optional keys may hold undefined, which the core passes over.
  ethtoolSet(dev, patch as NetcorePatch);
}

/** What a lab asks for; features that the cable does not have wait until one has them. */
export function keepEthtool(dev: NetDevice, { features, ...settings }: EthtoolPatch = {}): void {
  patchEthtool(dev, settings);
  keepFeatures(dev, features);
}

export function keepFeatures(dev: NetDevice, features: EthtoolPatch['features'] = {}): void {
  for (const [name, on] of Object.entries(features)) {
    try {
      patchEthtool(dev, { features: { [name]: on } });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
}
