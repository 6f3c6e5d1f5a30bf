/** A driver's settings by the sections and key names of `ethtool --json`: as shown, and as changed. */
import { z } from 'zod';
import { strict } from './strict.ts';

/** Null: a line that sums up others. */
const Feature = strict({
  active: z.boolean(),
  fixed: z.boolean().nullable(),
  requested: z.boolean().nullable(),
});
const numbers = z.record(z.string(), z.union([z.number(), z.boolean()]));

/** What ethtool would say: -i, no option, -g, -c, -l, -a, -k, -S. A section the driver does not have is empty. */
export const Ethtool = strict({
  drvinfo: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown()),
  ring: z.record(z.string(), z.number()),
  coalesce: numbers,
  channels: z.record(z.string(), z.number()),
  pause: z.record(z.string(), z.unknown()),
  features: z.record(z.string(), Feature),
  stats: z.record(z.string(), z.number()),
}).meta({ id: 'Ethtool' });
export type Ethtool = z.output<typeof Ethtool>;

const DUPLEX_RULE = 'duplex is "half" or "full"';
const count = z.int().min(0).max(0xffffffff).optional();

const patchShape = {
  ring: strict({ rx: count, tx: count }).optional().meta({ description: 'As `ethtool -G`.' }),
  coalesce: strict({ 'rx-usecs': count, 'rx-frames': count, 'tx-usecs': count, 'tx-frames': count })
    .optional()
    .meta({ description: 'As `ethtool -C`.' }),
  channels: strict({ rx: count, tx: count, other: count, combined: count })
    .optional()
    .meta({ description: 'As `ethtool -L`.' }),
  pause: strict({
    autonegotiate: z.boolean().optional(),
    rx: z.boolean().optional(),
    tx: z.boolean().optional(),
  })
    .optional()
    .meta({ description: 'As `ethtool -A`.' }),
  features: z
    .record(z.string().max(64), z.boolean())
    .optional()
    .meta({
      description: 'As `ethtool -K`: by their long names.',
      examples: [{ 'generic-receive-offload': false }],
    }),
  settings: strict({
    speed: z.int().min(0).max(0x7fffffff).optional().meta({ description: 'Mb/s.' }),
    duplex: z
      .string(DUPLEX_RULE)
      .regex(/^([Hh]alf|[Ff]ull)$/, DUPLEX_RULE)
      .optional(),
    'auto-negotiation': z.boolean().optional(),
  })
    .optional()
    .meta({ description: 'As `ethtool -s`.' }),
};

/** What may be changed; also what a lab keeps of it. Nothing that is not named changes. */
export const EthtoolPatch = strict(patchShape);
export type EthtoolPatch = z.output<typeof EthtoolPatch>;

/** Both patches as one, the later with the last word, also where a feature goes by two names: it comes last. */
export function mergeEthtool(base: EthtoolPatch | undefined, patch: EthtoolPatch): EthtoolPatch {
  const kept = base as Record<string, object> | undefined;
  const sections = Object.entries(patch).filter(([, section]) => section !== undefined);
  return {
    ...base,
    ...Object.fromEntries(sections.map(([name, section]) => [name, lastWord(kept?.[name] ?? {}, section!)])),
  };
}

function lastWord(base: object, patch: object): object {
  return { ...Object.fromEntries(Object.entries(base).filter(([key]) => !(key in patch))), ...patch };
}
