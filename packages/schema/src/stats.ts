/** Counters of devices and links. */
import { z } from 'zod';
import { LinkName } from './names.ts';
import { strict } from './strict.ts';

const n = z.number();
const optional = z.number().optional();

/** As `ip -j -s -s link`: the optional ones appear when they are not zero. */
export const Stats64Rx = strict({
  bytes: n,
  packets: n,
  errors: n,
  dropped: n,
  over_errors: n,
  multicast: n,
  compressed: optional,
  length_errors: n,
  crc_errors: n,
  frame_errors: n,
  fifo_errors: n,
  missed_errors: n,
  nohandler: optional,
  otherhost: optional,
});

export const Stats64Tx = strict({
  bytes: n,
  packets: n,
  errors: n,
  dropped: n,
  carrier_errors: n,
  collisions: n,
  compressed: optional,
  aborted_errors: n,
  fifo_errors: n,
  window_errors: n,
  heartbeat_errors: n,
  carrier_changes: n,
});

export const Stats64 = strict({ rx: Stats64Rx, tx: Stats64Tx });
export type Stats64 = z.output<typeof Stats64>;

/** Frames dropped, by reason; reasons that never happened may be absent. */
export const Drops = z.record(z.string(), z.number()).meta({ description: 'Frames dropped, by reason.' });
export type Drops = z.output<typeof Drops>;

export const DeviceStats = strict({
  stats64: Stats64,
  drops: Drops,
  ethtool: z.record(z.string(), z.number()).meta({ description: 'As `ethtool -S`.' }),
}).meta({ id: 'DeviceStats' });
export type DeviceStats = z.output<typeof DeviceStats>;

/** One direction of a link: tx = rx + sum of drops + queue. */
export const LinkDirectionStats = strict({
  tx: n.meta({ description: 'Frames given to the link.' }),
  rx: n.meta({ description: 'Frames that came out.' }),
  txBytes: n,
  rxBytes: n,
  drops: Drops,
  queue: n.meta({ description: 'Frames on their way.' }),
});
export type LinkDirectionStats = z.output<typeof LinkDirectionStats>;

export const LinkStats = strict({
  name: LinkName,
  forward: LinkDirectionStats,
  reverse: LinkDirectionStats,
  balanced: z.boolean().meta({ description: 'True when both directions add up: tx = rx + drops + queue.' }),
}).meta({ id: 'LinkStats' });
export type LinkStats = z.output<typeof LinkStats>;
