/** A LAN: one broadcast domain, a learning bridge on one switch. */
import { z } from 'zod';
import { Name } from './names.ts';
import { Drops } from './stats.ts';
import { strict } from './strict.ts';
import { Duration } from './units.ts';

/** BR_DEFAULT_AGEING_TIME in seconds. */
export const LAN_AGEING = 300;

const Ageing = Duration.meta({
  description: 'Time after which a silent station is forgotten.',
  examples: [LAN_AGEING],
});

export const LanInput = strict({ ageing: Ageing.default(LAN_AGEING) });
export type LanInput = z.input<typeof LanInput>;

export const LanCreate = strict({ name: Name, ageing: Ageing.default(LAN_AGEING) });
export type LanCreate = z.output<typeof LanCreate>;

export const LanPatch = strict({ ageing: Ageing.optional() });
export type LanPatch = z.output<typeof LanPatch>;

/** A LAN of a resolved lab; ageing in seconds. */
export const Lan = strict({ ageing: z.number() });
export type Lan = z.output<typeof Lan>;

export const LanSlice = strict({ name: z.string(), ageing: z.number() });
export type LanSlice = z.output<typeof LanSlice>;

export const LanView = strict({
  name: z.string(),
  ageing: z.number(),
  ports: z.int().meta({ description: 'Links that end in this LAN.' }),
}).meta({ id: 'Lan' });
export type LanView = z.output<typeof LanView>;

export const PortState = z.enum(['disabled', 'listening', 'learning', 'forwarding', 'blocking']);

/** As seen by the bridge: rx is what it took from the port, tx what it sent to it. */
export const PortCounters = strict({
  rx: z.number(),
  tx: z.number(),
  rxBytes: z.number(),
  txBytes: z.number(),
  drops: Drops,
});

export const LanPort = strict({
  port: z.int(),
  endpoint: z.string().meta({ description: 'What is plugged in, as "h1:eth0".' }),
  link: z.string().optional().meta({ description: 'The link that ends here.' }),
  state: PortState,
  learning: z.boolean(),
  flood: z.boolean(),
  isolated: z.boolean(),
  counters: PortCounters,
}).meta({ id: 'LanPort' });
export type LanPort = z.output<typeof LanPort>;

export const LanPortPatch = strict({
  learning: z.boolean().optional().meta({ description: 'Learn source addresses.' }),
  flood: z.boolean().optional().meta({ description: 'Send unknown unicast here.' }),
  isolated: z.boolean().optional().meta({ description: 'Talk to ports that are not isolated only.' }),
});
export type LanPortPatch = z.output<typeof LanPortPatch>;
