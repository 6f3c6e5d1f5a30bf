/** Ping: one request, one summary, as ping(8) prints it; times in seconds. */
import { z } from 'zod';
import { strict } from './strict.ts';
import { Duration } from './units.ts';

const TARGET = 'a target is an IP address, or a node ("h2") or device ("h2:eth0") of the lab';

export const PingRequest = strict({
  target: z
    .string(TARGET)
    .regex(/^[A-Za-z0-9:][A-Za-z0-9_.:@-]{0,99}$/, TARGET)
    .meta({ description: TARGET, examples: ['10.0.0.2'] }),
  count: z.int().min(1).max(10_000).default(4).meta({ description: 'Echo requests to send.' }),
  interval: Duration.refine((s) => s >= 0.001, 'at least 1ms')
    .default(1)
    .meta({ description: 'Time between two.' }),
  size: z.int().min(0).max(65_507).default(56).meta({ description: 'Bytes of ICMP payload.' }),
  timeout: Duration.refine((s) => s >= 0.001 && s <= 60, '1ms to 60s')
    .default(1)
    .meta({
      description: 'Time to wait for an answer after the last request.',
    }),
});
export type PingRequest = z.output<typeof PingRequest>;

export const PingRtt = strict({ min: z.number(), avg: z.number(), max: z.number(), mdev: z.number() });

export const PingResult = strict({
  target: z.string(),
  sent: z.int(),
  received: z.int(),
  duplicates: z.int().optional(),
  rtt: PingRtt.nullable().meta({ description: 'Round trip in seconds; null when nothing came back.' }),
  errors: z.array(z.string()).optional().meta({ description: 'What came back instead, each text once.' }),
}).meta({ id: 'PingResult' });
export type PingResult = z.output<typeof PingResult>;
