/** Options of each kind of queueing discipline, by the names and units of `tc -j qdisc`; read as people write them. */
import { z } from 'zod';
import { strict } from './strict.ts';
import { TcRate, TcSize, TcUsecs } from './tc-units.ts';
import { Duration, Fraction } from './units.ts';

export type QdiscOptions = Record<string, unknown>;

const u32 = z.int().min(0).max(0xffffffff);

/** A section that may be written as its first value alone: `delay: 10ms` is `delay: {delay: 10ms}`. */
function section<T extends z.core.$ZodLooseShape>(first: string, shape: T) {
  const wrap = (written: unknown) =>
    typeof written === 'object' && written !== null ? written : { [first]: written };
  return z.preprocess(wrap, strict(shape)).optional();
}

const share = { correlation: Fraction.optional() };
const burst = { packets: u32.optional(), bytes: TcSize.optional() };

const netem = {
  limit: u32.optional(),
  delay: section('delay', { delay: Duration.optional(), jitter: Duration.optional(), ...share }),
  distribution: z
    .enum(
      ['uniform', 'normal', 'pareto', 'paretonormal'],
      'distribution is uniform, normal, pareto or paretonormal',
    )
    .optional(),
  'loss-random': section('loss', { loss: Fraction.optional(), ...share }),
  'loss-state': section('p13', {
    p13: Fraction.optional(),
    p31: Fraction.optional(),
    p32: Fraction.optional(),
    p23: Fraction.optional(),
    p14: Fraction.optional(),
  }),
  'loss-gemodel': section('p', {
    p: Fraction.optional(),
    r: Fraction.optional(),
    '1-h': Fraction.optional(),
    '1-k': Fraction.optional(),
  }),
  duplicate: section('duplicate', { duplicate: Fraction.optional(), ...share }),
  reorder: section('reorder', { reorder: Fraction.optional(), ...share }),
  corrupt: section('corrupt', { corrupt: Fraction.optional(), ...share }),
  rate: section('rate', {
    rate: TcRate.optional(),
    packetoverhead: z.int().optional(),
    cellsize: u32.optional(),
    celloverhead: z.int().optional(),
  }),
  slot: section('min-delay', {
    'min-delay': Duration.optional(),
    'max-delay': Duration.optional(),
    distribution: z.union([z.string().max(32), z.number()]).optional(),
    delay: Duration.optional(),
    jitter: Duration.optional(),
    ...burst,
  }),
  seed: z.int().min(0).optional(),
  ecn: z.boolean().optional(),
  gap: u32.optional(),
  ordered: z.boolean().optional(),
};

const tbf = {
  rate: TcRate.optional(),
  burst: TcSize.optional(),
  limit: TcSize.optional(),
  lat: TcUsecs.optional(),
  peakrate: TcRate.optional(),
  minburst: TcSize.optional(),
  mtu: TcSize.optional(),
  mpu: TcSize.optional(),
  overhead: z.int().optional(),
  linklayer: z.string().max(16).optional(),
};

const fqCodel = {
  limit: u32.optional(),
  flows: u32.optional(),
  quantum: TcSize.optional(),
  target: TcUsecs.optional(),
  interval: TcUsecs.optional(),
  memory_limit: TcSize.optional(),
  ecn: z.boolean().optional(),
  ce_threshold: TcUsecs.optional(),
  drop_batch: u32.optional(),
};

const prio = {
  bands: u32.optional(),
  priomap: z.array(u32).max(16).optional(),
  multiqueue: z.boolean().optional(),
};

const KINDS: Readonly<Record<string, z.ZodObject>> = {
  pfifo: strict({ limit: u32.optional() }),
  bfifo: strict({ limit: TcSize.optional() }),
  // What `tc` prints of it cannot be set, and may be sent back.
  pfifo_fast: strict({
    bands: z.unknown().optional(),
    priomap: z.unknown().optional(),
    multiqueue: z.unknown().optional(),
  }),
  tbf: strict(tbf),
  fq_codel: strict(fqCodel),
  prio: strict(prio),
  netem: strict(netem),
};

/** What each kind may be told, for people. */
export const QDISC_OPTION_NAMES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(KINDS).map(([kind, { shape }]) => [kind, kind === 'pfifo_fast' ? [] : Object.keys(shape)]),
);

const ANYTHING = z.record(z.string(), z.unknown());

/** What reads the options of a kind; those of a kind unknown here are the node's to judge. */
export function qdiscOptionsOf(kind: string): z.ZodType<QdiscOptions> {
  return Object.hasOwn(KINDS, kind) ? (KINDS[kind] as z.ZodType<QdiscOptions>) : ANYTHING;
}

/** Of a dump, what can be set again: the rest is told, not asked for. */
export function settableOptions(kind: string, dump: QdiscOptions): QdiscOptions {
  if (kind === 'pfifo_fast') return {};
  const shape = Object.hasOwn(KINDS, kind) ? KINDS[kind]!.shape : dump;
  return Object.fromEntries(Object.entries(dump).filter(([key]) => Object.hasOwn(shape, key)));
}

/** Of these a qdisc has one: naming one takes the others away. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['loss-random', 'loss-state', 'loss-gemodel'],
  ['limit', 'lat'],
];

/** The options in force with a patch on top: sections are merged, what the patch does not name stays. */
export function mergeOptions(kind: string, dump: QdiscOptions, patch: QdiscOptions): QdiscOptions {
  const merged = settableOptions(kind, dump);
  for (const key of replacedBy(patch)) delete merged[key];
  // Linux makes the flows once and refuses them afterwards, whatever their number.
  if (kind === 'fq_codel') delete merged['flows'];
  for (const [key, value] of Object.entries(patch)) {
    if (value !== undefined) merged[key] = isSection(value) ? { ...sectionOf(merged[key]), ...value } : value;
  }
  return merged;
}

function replacedBy(patch: QdiscOptions): string[] {
  const named = (key: string) => patch[key] !== undefined;
  return ALTERNATIVES.filter((group) => group.some(named)).flatMap((group) =>
    group.filter((key) => !named(key)),
  );
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sectionOf(value: unknown): object {
  return isSection(value) ? value : {};
}
