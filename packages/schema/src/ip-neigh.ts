/** Neighbours of a node as `ip -j neigh` prints them. */
import { z } from 'zod';

export const IpNeigh = z
  .looseObject({
    dst: z.string(),
    dev: z.string(),
    lladdr: z.string().optional(),
    router: z.null().optional(),
    proxy: z.null().optional(),
    extern_learn: z.null().optional(),
    state: z.array(z.string()).meta({ description: 'REACHABLE, STALE, DELAY, PROBE, FAILED ...' }),
  })
  .meta({ id: 'IpNeigh', description: 'One element of `ip -j neigh`.' });
export type IpNeigh = z.output<typeof IpNeigh>;
