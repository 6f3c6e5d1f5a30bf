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

/** What an impairment has decided so far, in frames. A frame that is lost or over the limit is among the drops as well. */
export const ImpairCounts = strict({
  lost: n.meta({
    description: 'By loss, lossState or lossGemodel; a loss that took a second copy back is none.',
  }),
  duplicated: n.meta({ description: 'Second copies: frames that came out though nobody sent them.' }),
  corrupted: n.meta({ description: 'Frames that went on with one bit wrong.' }),
  reordered: n.meta({ description: 'Frames that overtook others by going at once.' }),
  delayed: n.meta({ description: 'Frames and copies that were held.' }),
  overLimit: n.meta({ description: 'Frames and copies that found `limit` others held.' }),
  ecnMarked: n.meta({ description: 'Frames marked instead of lost.' }),
});
export type ImpairCounts = z.output<typeof ImpairCounts>;

/** The emulator's own error: how much later than due held frames have left the impairment. Seconds. */
export const Lateness = strict({
  p50: n,
  p99: n,
  max: n,
}).meta({ description: 'How much later than due held frames went, in seconds: the error of the emulator.' });
export type Lateness = z.output<typeof Lateness>;

/** One direction of a link: tx + impair.duplicated = rx + sum of drops + queue. */
export const LinkDirectionStats = strict({
  tx: n.meta({ description: 'Frames given to the link.' }),
  rx: n.meta({ description: 'Frames that came out.' }),
  txBytes: n,
  rxBytes: n,
  drops: Drops,
  queue: n.meta({ description: 'Frames on their way.' }),
  impair: ImpairCounts.optional().meta({ description: 'Once the direction has been impaired.' }),
  lateness: Lateness.optional(),
});
export type LinkDirectionStats = z.output<typeof LinkDirectionStats>;

export const LinkStats = strict({
  name: LinkName,
  forward: LinkDirectionStats,
  reverse: LinkDirectionStats,
  balanced: z
    .boolean()
    .meta({ description: 'True when both directions add up: tx + impair.duplicated = rx + drops + queue.' }),
}).meta({ id: 'LinkStats' });
export type LinkStats = z.output<typeof LinkStats>;
