/** Probes. */
import { z } from 'zod';
import { strict } from './strict.ts';

/** What a probe answers: `waiting` says what is missing while it is not ready. */
export const Health = strict({
  status: z.enum(['ok', 'starting']),
  version: z.string(),
  waiting: z.array(z.string()).optional(),
}).meta({ id: 'Health' });
export type Health = z.output<typeof Health>;
