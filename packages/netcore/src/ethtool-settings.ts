/** All that can be set at once, in the words of `ethtool --json`: everything of a request or nothing. */
import { type EthtoolChannelsPatch, ethtoolGetChannels, ethtoolSetChannels } from './ethtool-channels.ts';
import { type EthtoolCoalesceParams, ethtoolGetCoalesce, ethtoolSetCoalesce } from './ethtool-coalesce.ts';
import { ethtoolSetFeatures } from './ethtool-features.ts';
import { type EthtoolSettingsPatch, ethtoolSetSettings } from './ethtool-linkmodes.ts';
import { type EthtoolPause, ethtoolGetPause, ethtoolSetPause } from './ethtool-pause.ts';
import { ethtoolGetRings, ethtoolSetRings } from './ethtool-rings.ts';
import type { NetDevice } from './net-device.ts';
import { netdevUpdateFeatures } from './netdev-features.ts';

export interface EthtoolPatch {
  ring?: { rx?: number; tx?: number };
  coalesce?: Partial<EthtoolCoalesceParams>;
  channels?: EthtoolChannelsPatch;
  pause?: Partial<EthtoolPause>;
  features?: Readonly<Record<string, boolean>>;
  settings?: EthtoolSettingsPatch;
}

type Undo = () => void;

/** Sections are set one by one; when one is refused those before it are put back. */
export function ethtoolSet(dev: NetDevice, patch: EthtoolPatch): void {
  const undo: Undo[] = [];
  try {
    for (const step of steps(dev, patch)) undo.unshift(step());
  } catch (error) {
    for (const back of undo) back();
    throw error;
  }
}

function* steps(dev: NetDevice, patch: EthtoolPatch): Generator<() => Undo> {
  const { ring, coalesce, channels, pause, features, settings } = patch;
  if (settings !== undefined) yield () => setSettings(dev, settings);
  if (features !== undefined) yield () => setFeatures(dev, features);
  if (pause !== undefined) yield () => kept(dev, ethtoolGetPause, ethtoolSetPause, pause);
  if (channels !== undefined) yield () => kept(dev, ethtoolGetChannels, ethtoolSetChannels, channels);
  if (coalesce !== undefined) yield () => kept(dev, ethtoolGetCoalesce, ethtoolSetCoalesce, coalesce);
  if (ring !== undefined) yield () => kept(dev, ethtoolGetRings, ethtoolSetRings, ring);
}

function kept<T>(
  dev: NetDevice,
  get: (dev: NetDevice) => T | null,
  set: (dev: NetDevice, patch: T) => void,
  patch: Partial<T>,
): Undo {
  const before = get(dev);
  set(dev, patch as T);
  return () => set(dev, before!);
}

function setSettings(dev: NetDevice, patch: EthtoolSettingsPatch): Undo {
  const before = dev.ethtoolOps.getLinkKsettings?.(dev);
  ethtoolSetSettings(dev, patch);
  return () => dev.ethtoolOps.setLinkKsettings!(dev, before!);
}

function setFeatures(dev: NetDevice, patch: Readonly<Record<string, boolean>>): Undo {
  const before = dev.wantedFeatures;
  ethtoolSetFeatures(dev, patch);
  return () => {
    dev.wantedFeatures = before;
    netdevUpdateFeatures(dev);
  };
}
