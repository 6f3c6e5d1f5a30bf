/**
 * What one direction of a link does to the frames that pass: netem, in the words people use for it. Three forms of it: as
 * written (ImpairPatch: units, and nothing that is not named), as kept (Impair: numbers, absent is "not set"), and as it
 * works (effectiveImpair: with what follows from the rest). cf. tc-netem(8)
 */
import { z } from 'zod';
import { strict } from './strict.ts';
import { Duration, Fraction, Rate } from './units.ts';

/** Frames a direction holds when no limit is named: netem's queue in front of a bottleneck, room for any delay otherwise. */
export const RATE_LIMIT = 1000;
export const DELAY_LIMIT = 100_000;

const duration = (description: string, example: string) =>
  Duration.optional().meta({ description, examples: [example] });
const share = (description: string, example: string) =>
  Fraction.optional().meta({ description, examples: [example] });
const whole = (description: string, min: number, max: number) =>
  z.int().min(min).max(max).optional().meta({ description });
const correlation = (of: string) => share(`How much ${of} depends on the one before.`, '25%');

const Distribution = z.enum(['uniform', 'normal', 'pareto', 'paretonormal']);

const LossState = strict({
  p13: share('Good to lost in a burst.', '1%'),
  p31: share('Back to good; 1 - p13 when absent.', '30%'),
  p32: share('Lost in a burst to received within it; 0 when absent.', '10%'),
  p23: share('Received within a burst to lost again; 1 when absent.', '50%'),
  p14: share('Good to lost alone; 0 when absent.', '0.1%'),
});

const LossGemodel = strict({
  p: share('Good to bad.', '1%'),
  r: share('Bad to good; 1 - p when absent.', '25%'),
  '1-h': share('Loss in the bad state; 1 when absent.', '100%'),
  '1-k': share('Loss in the good state; 0 when absent.', '0'),
});

const Slot = strict({
  minDelay: duration('Time between two slots, at least.', '5ms'),
  maxDelay: duration('And at most; minDelay when absent.', '10ms'),
  distribution: Distribution.optional().meta({
    description: 'Of the time between two, by delay and jitter.',
  }),
  delay: duration('Mean time between two slots, with a distribution.', '8ms'),
  jitter: duration('Its spread.', '1ms'),
  packets: whole('Frames a slot lets through; 0 or absent: any number.', 0, 2 ** 31 - 1),
  bytes: whole('Bytes a slot lets through; 0 or absent: any number.', 0, 2 ** 31 - 1),
});

const OVERHEAD = 65_535;

/** Why no defaults: the same shape is a patch, and a patch never resets what it does not name. */
export const ImpairPatch = strict({
  delay: duration('Time on the way.', '10ms'),
  jitter: duration('Spread of the delay, either way.', '2ms'),
  delayCorrelation: correlation('a frame’s delay'),
  distribution: Distribution.optional().meta({
    description: 'Of the delay; uniform when absent, within delay - jitter and delay + jitter.',
    examples: ['normal'],
  }),
  loss: share('Share of frames lost at random.', '0.5%'),
  lossCorrelation: correlation('a loss'),
  lossState: LossState.nullable()
    .optional()
    .meta({
      description: 'Loss by a Markov chain of four states, instead of loss; null: none.',
      examples: [{ p13: '1%', p31: '30%' }],
    }),
  lossGemodel: LossGemodel.nullable()
    .optional()
    .meta({
      description: 'Loss in bursts by Gilbert and Elliot, instead of loss; null: none.',
      examples: [{ p: '1%', r: '25%' }],
    }),
  duplicate: share('Share of frames that arrive twice.', '1%'),
  duplicateCorrelation: correlation('a duplicate'),
  corrupt: share('Share of frames in which one bit is wrong.', '0.1%'),
  corruptCorrelation: correlation('a wrong bit'),
  reorder: share('Share of frames that overtake: they go at once, the others are delayed.', '25%'),
  reorderCorrelation: correlation('overtaking'),
  gap: whole('Only every so many frames may overtake; 1 when absent.', 0, 2 ** 31 - 1),
  rate: Rate.optional().meta({ description: 'Bit rate; 0: unlimited.', examples: ['20mbit'] }),
  packetOverhead: whole('Bytes that a frame takes more on the wire, or less.', -OVERHEAD, OVERHEAD),
  cellSize: whole('Bytes of a cell: the wire carries whole ones. 0: no cells.', 0, OVERHEAD),
  cellOverhead: whole('Bytes that a cell takes more on the wire.', -OVERHEAD, OVERHEAD),
  slot: Slot.nullable()
    .optional()
    .meta({
      description: 'Frames leave in slots only, as from a radio that wakes now and then; null: at any time.',
      examples: [{ minDelay: '5ms', maxDelay: '10ms', packets: 32 }],
    }),
  limit: whole(
    `Frames held at most; 0: ${RATE_LIMIT} when a rate is set, else ${DELAY_LIMIT}.`,
    0,
    1_000_000,
  ),
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .optional()
    .meta({ description: 'Of all that is left to chance; derived from the link. Another one begins anew.' }),
  ordered: z.boolean().optional().meta({
    description: 'Frames leave in the order they came, whatever jitter says.',
  }),
  ecn: z.boolean().optional().meta({
    description: 'What would be lost is marked "congestion experienced" instead, where its sender can tell.',
  }),
});
export type ImpairPatch = z.output<typeof ImpairPatch>;

const n = z.number();
const set = z.number().optional();
const states = { p13: set, p31: set, p32: set, p23: set, p14: set };
const slots = { minDelay: set, maxDelay: set, delay: set, jitter: set, packets: set, bytes: set };

/** Seconds, fractions, bit/s, bytes, frames. The first six are always told; 0 is "none", for rate "unlimited". */
export const Impair = strict({
  delay: n,
  jitter: n,
  loss: n,
  rate: n,
  limit: z.int(),
  seed: z.int(),
  delayCorrelation: set,
  distribution: Distribution.optional(),
  lossCorrelation: set,
  lossState: strict(states).optional(),
  lossGemodel: strict({ p: set, r: set, '1-h': set, '1-k': set }).optional(),
  duplicate: set,
  duplicateCorrelation: set,
  corrupt: set,
  corruptCorrelation: set,
  reorder: set,
  reorderCorrelation: set,
  gap: set,
  packetOverhead: set,
  cellSize: set,
  cellOverhead: set,
  slot: strict({ ...slots, distribution: Distribution.optional() }).optional(),
  ordered: z.boolean().optional(),
  ecn: z.boolean().optional(),
});
export type Impair = z.output<typeof Impair>;

/** Nothing is done to a frame. */
export const NO_IMPAIR: Impair = { delay: 0, jitter: 0, loss: 0, rate: 0, limit: 0, seed: 0 };

type Fields = Record<string, unknown>;
const ALWAYS = new Set(Object.keys(NO_IMPAIR));

/** The impairment with the patch applied; what the patch does not name stays. null begins again, with the same seed. */
export function mergeImpair(base: Impair, patch: ImpairPatch | null = {}): Impair {
  if (patch === null) return { ...NO_IMPAIR, seed: base.seed };
  return mergeFields(base, patch) as Impair;
}

/** Optional fields that say "not set" are left out, so that a lab says what was asked for, and no more. */
function mergeFields(base: Fields, patch: Fields): Fields {
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (isFields(value)) merged[key] = mergeFields((base[key] ?? {}) as Fields, value);
    else if (ALWAYS.has(key) || !isUnset(key, value)) merged[key] = value;
    else delete merged[key];
  }
  return merged;
}

function isUnset(key: string, value: unknown): boolean {
  if (PART_OF_MODEL.has(key)) return false;
  return value === 0 || value === false || value === null || value === 'uniform';
}

/** Probabilities whose absence is not zero. */
const PART_OF_MODEL = new Set(['p13', 'p31', 'p32', 'p23', 'p14', 'p', 'r', '1-h', '1-k']);

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** With all that follows from what is set. Why not kept so: a rate that is set later asks for another limit. */
export function effectiveOf(impair: Impair): Impair {
  const { limit, rate, gap, reorder, lossState, lossGemodel } = impair;
  return {
    ...impair,
    limit: limit || (rate > 0 ? RATE_LIMIT : DELAY_LIMIT),
    ...(reorder === undefined ? {} : { gap: gap ?? 1 }),
    ...(lossState === undefined ? {} : { lossState: effectiveStates(lossState) }),
    ...(lossGemodel === undefined ? {} : { lossGemodel: effectiveGemodel(lossGemodel) }),
  };
}

function effectiveStates({ p13 = 0, p31 = 1 - p13, p32 = 0, p23 = 1, p14 = 0 }: LossStates): LossStates {
  return { p13, p31, p32, p23, p14 };
}
type LossStates = NonNullable<Impair['lossState']>;

function effectiveGemodel(model: Gemodel): Gemodel {
  const { p = 0, r = 1 - p, '1-h': bad = 1, '1-k': good = 0 } = model;
  return { p, r, '1-h': bad, '1-k': good };
}
type Gemodel = NonNullable<Impair['lossGemodel']>;
