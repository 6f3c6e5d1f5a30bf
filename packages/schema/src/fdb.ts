/** A LAN's forwarding database, in the shape of `bridge -j fdb show`. */
import { z } from 'zod';
import { Endpoint } from './endpoint.ts';
import { Mac } from './mac.ts';
import { strict } from './strict.ts';

/** ifname is the endpoint behind the port ("h1:eth0"), master the LAN; state "" is learned and fresh. */
export const FdbEntry = strict({
  mac: z.string(),
  ifname: z.string(),
  vlan: z.int().optional(),
  flags: z.array(z.string()),
  master: z.string(),
  state: z.enum(['', 'static', 'permanent', 'stale']),
  used: z.number().optional().meta({ description: 'Seconds since a frame was sent to it.' }),
  updated: z.number().optional().meta({ description: 'Seconds since it was last heard.' }),
}).meta({ id: 'FdbEntry' });
export type FdbEntry = z.output<typeof FdbEntry>;

export const FdbAdd = strict({
  mac: Mac,
  ifname: Endpoint.meta({ description: 'The endpoint behind the port.', examples: ['h1:eth0'] }),
  state: z.enum(['static', 'permanent']).default('static'),
});
export type FdbAdd = z.output<typeof FdbAdd>;

/** Which entry to delete. */
export const FdbKey = strict({ mac: Mac, ifname: Endpoint.optional() });
export type FdbKey = z.output<typeof FdbKey>;
