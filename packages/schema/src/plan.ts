/** What applying a lab changes, or would change. */
import { z } from 'zod';
import { strict } from './strict.ts';

export const PlanChange = strict({
  op: z.enum(['add', 'change', 'remove']),
  kind: z.enum(['lab', 'node', 'device', 'lan', 'link']),
  name: z.string().meta({ description: 'As in "h1", "h1:eth0", "office", "h1-eth0--office".' }),
  fields: z
    .record(z.string(), strict({ from: z.unknown().optional(), to: z.unknown().optional() }))
    .optional()
    .meta({ description: 'For change: each field with its old and new value.' }),
});
export type PlanChange = z.output<typeof PlanChange>;

export const Plan = strict({
  lab: z.string(),
  dryRun: z.boolean(),
  changes: z.array(PlanChange).meta({ description: 'Empty when the lab is as it should be.' }),
}).meta({ id: 'Plan' });
export type Plan = z.output<typeof Plan>;
