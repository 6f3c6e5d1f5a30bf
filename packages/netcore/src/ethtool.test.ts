/** The ethtool requests that no driver test has: devices that answer little, and features that hang together. */
import { RingNic, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devOpen } from './dev-flags.ts';
import { ethtoolGetChannels, ethtoolSetChannels } from './ethtool-channels.ts';
import { ethtoolGetCoalesce, ethtoolSetCoalesce } from './ethtool-coalesce.ts';
import { FEATURE_LINES } from './ethtool-feature-names.ts';
import { ethtoolGetFeatures, ethtoolSetFeatures } from './ethtool-features.ts';
import { ethtoolGetDrvinfo, ethtoolGetStats } from './ethtool-info.ts';
import { ethtoolGetSettings, ethtoolSetSettings } from './ethtool-linkmodes.ts';
import { ethtoolGetPause, ethtoolSetPause } from './ethtool-pause.ts';
import { ethtoolGetRings, ethtoolSetRings } from './ethtool-rings.ts';
import { Net } from './net.ts';
import {
  NETIF_F_GRO,
  NETIF_F_HW_CSUM,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NETIF_F_VNET,
} from './netdev-features.ts';
import { NETDEV_FEAT_CHANGE } from './notifier.ts';
import { unregisterNetdev } from './register.ts';

function card() {
  const net = new Net(new VirtualHost());
  const { dev } = new RingNic(net);
  return { net, dev };
}

describe('a driver that answers nothing', () => {
  // biome-ignore format: one request a line
  test.each<[string, (dev: ReturnType<typeof card>['dev']) => void]>([
    ['rings',      (dev) => ethtoolSetRings(dev, { rx: 1 })],
    ['coalescing', (dev) => ethtoolSetCoalesce(dev, { 'rx-usecs': 1 })],
    ['channels',   (dev) => ethtoolSetChannels(dev, { rx: 1 })],
    ['PAUSE',      (dev) => ethtoolSetPause(dev, { rx: true })],
    ['speed',      (dev) => ethtoolSetSettings(dev, { speed: 100 })],
  ])('setting its %s is EOPNOTSUPP', (_name, set) => {
    const { dev } = card();
    expect(() => set(dev)).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
  });

  test('has no sections but link-detected, which wants it up and with carrier', () => {
    const { dev } = card();
    const sections = [
      ethtoolGetRings,
      ethtoolGetCoalesce,
      ethtoolGetChannels,
      ethtoolGetPause,
      ethtoolGetStats,
    ];
    expect([...sections, ethtoolGetDrvinfo].map((get) => get(dev))).toEqual(Array(6).fill(null));
    expect(ethtoolGetSettings(dev)).toEqual({ 'link-detected': false });
    devOpen(dev);
    expect(ethtoolGetSettings(dev)).toEqual({ 'link-detected': true });
  });

  test('gone, it is ENODEV to every request', () => {
    const { dev } = card();
    unregisterNetdev(dev);
    for (const ask of [ethtoolGetRings, ethtoolGetFeatures, ethtoolGetSettings, ethtoolGetDrvinfo]) {
      expect(() => ask(dev)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    }
  });
});

describe('features', () => {
  /** A card that could do all that a virtio_net_hdr says, and gather. */
  function able() {
    const made = card();
    const heard: number[] = [];
    made.dev.hwFeatures = NETIF_F_VNET | NETIF_F_GRO;
    made.dev.wantedFeatures = NETIF_F_VNET;
    ethtoolSetFeatures(made.dev, { gro: true });
    made.net.registerNetdeviceNotifier((event) => {
      if (event === NETDEV_FEAT_CHANGE) heard.push(made.dev.features);
    });
    return { ...made, heard };
  }

  test('every line of ethtool -k is there, in its order; what we have not is off and fixed', () => {
    const { dev } = able();
    const shown = ethtoolGetFeatures(dev);
    expect(Object.keys(shown)).toEqual(FEATURE_LINES);
    expect(shown).toMatchObject({
      'tcp-segmentation-offload': { active: true, fixed: null, requested: null },
      'tx-tcp-segmentation': { active: true, fixed: false, requested: true },
      'generic-segmentation-offload': { active: true, fixed: true, requested: false },
      'large-receive-offload': { active: false, fixed: true, requested: false },
    });
  });

  test('a group is all of its members, a short name the long one; each change is told once', () => {
    const { dev, heard } = able();
    expect(ethtoolSetFeatures(dev, { tso: false })).toEqual([
      'tx-tcp-segmentation',
      'tx-tcp-ecn-segmentation',
      'tx-tcp6-segmentation',
    ]);
    expect(ethtoolSetFeatures(dev, { tso: false })).toEqual([]);
    expect(heard).toHaveLength(1);
  });

  test('segmentation goes with checksums, is asked for still, and comes back with them', () => {
    const { dev } = able();
    ethtoolSetFeatures(dev, { tx: false });
    expect(dev.features & (NETIF_F_VNET | NETIF_F_HW_CSUM)).toBe(0);
    expect(ethtoolGetFeatures(dev)['tx-tcp-segmentation']).toEqual({
      active: false,
      fixed: false,
      requested: true,
    });
    ethtoolSetFeatures(dev, { 'tx-checksum-ip-generic': true });
    expect(dev.features & NETIF_F_VNET).toBe(NETIF_F_VNET);
  });

  test('TSO for ECN alone makes no sense', () => {
    const { dev } = able();
    ethtoolSetFeatures(dev, { 'tx-tcp-segmentation': false, 'tx-tcp6-segmentation': false });
    expect(dev.features & (NETIF_F_TSO | NETIF_F_TSO_ECN)).toBe(0);
  });

  test('a driver may take less than was asked, and hears what it is to set before it is so', () => {
    const { dev } = able();
    const set: number[][] = [];
    dev.netdevOps = {
      ...dev.netdevOps,
      ndoFixFeatures: (_dev, features) => features & ~NETIF_F_GRO,
      ndoSetFeatures: (d, features) => void set.push([d.features & NETIF_F_GRO, features & NETIF_F_GRO]),
    };
    ethtoolSetFeatures(dev, { tso: false });
    expect(set).toEqual([[NETIF_F_GRO, 0]]);
    expect(ethtoolGetFeatures(dev)['generic-receive-offload']).toEqual({
      active: false,
      fixed: false,
      requested: true,
    });
  });

  test('what is fixed is let be where something else of the request could be done', () => {
    const { dev } = able();
    expect(ethtoolSetFeatures(dev, { gro: false, lro: true })).toEqual(['generic-receive-offload']);
    expect(() => ethtoolSetFeatures(dev, { lro: true })).toThrow(/^Could not change any device features/);
  });
});
