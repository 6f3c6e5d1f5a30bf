/** Neighbours of a node as `ip -j -s neigh` prints them. */
import { z } from 'zod';

export const IpNeigh = z
  .looseObject({
    dst: z.string(),
    dev: z.string(),
    lladdr: z.string().optional(),
    router: z.null().optional(),
    proxy: z.null().optional(),
    extern_learn: z.null().optional(),
    refcnt: z.int().optional(),
    used: z.int().optional().meta({ description: 'Seconds since it was used.' }),
    confirmed: z.int().optional().meta({ description: 'Seconds since it was heard to be there.' }),
    updated: z.int().optional().meta({ description: 'Seconds since its address or state changed.' }),
    probes: z.int().optional().meta({ description: 'Questions sent since it was heard last.' }),
    state: z.array(z.string()).meta({ description: 'REACHABLE, STALE, DELAY, PROBE, FAILED ...' }),
  })
  .meta({ id: 'IpNeigh', description: 'One element of `ip -j -s neigh`.' });
export type IpNeigh = z.output<typeof IpNeigh>;
