/** netem's options: from the names and units of `tc -j qdisc` to those of the model. cf. netem_change, iproute2 tc/q_netem.c */
import { NETEM_NONE, type NetemDistribution, type NetemParams, type NetemSlot } from './netem-params.ts';
import type { QdiscOptions } from './qdisc.ts';
import {
  amountOption,
  flagOption,
  invalid,
  onlyOptions,
  sectionOption,
  shareOption,
  wholeOption,
} from './qdisc-options.ts';

const KNOWN = [
  'limit',
  'delay',
  'distribution',
  'loss-random',
  'loss-state',
  'loss-gemodel',
  'duplicate',
  'reorder',
  'corrupt',
  'rate',
  'slot',
  'seed',
  'ecn',
  'gap',
  'ordered',
];
/** As tc sends it when none is named. */
export const NETEM_LIMIT = 1000;
const DISTRIBUTIONS: readonly unknown[] = ['uniform', 'normal', 'pareto', 'paretonormal'];
const INT_MAX = 0x7fffffff;
const MS = 1000;

export interface NetemOptions {
  /** The model's, with a limit that the qdisc keeps itself. */
  readonly params: NetemParams;
  readonly limit: number;
  readonly seed: number | undefined;
}

export function readNetem(options: QdiscOptions): NetemOptions {
  onlyOptions('netem', options, KNOWN);
  const params: NetemParams = {
    ...NETEM_NONE,
    ...readDelay(options),
    ...readLoss(options),
    ...readChance(options),
    ...readReorder(options),
    ...readRate(options),
    slot: readSlot(sectionOption(options, 'slot')),
    limit: Number.POSITIVE_INFINITY,
    ecn: flagOption(options, 'ecn') ?? false,
    ordered: flagOption(options, 'ordered') ?? false,
  };
  return {
    params,
    limit: wholeOption(options, 'limit') ?? NETEM_LIMIT,
    seed: wholeOption(options, 'seed', 0, Number.MAX_SAFE_INTEGER),
  };
}

function readDelay(options: QdiscOptions): Partial<NetemParams> {
  const section = sectionOption(options, 'delay') ?? {};
  onlyOptions('delay', section, ['delay', 'jitter', 'correlation']);
  const jitter = (amountOption(section, 'jitter') ?? 0) * MS;
  const distribution = readDistribution(options['distribution']);
  return {
    delay: (amountOption(section, 'delay') ?? 0) * MS,
    jitter,
    delayCorrelation: shareOption(section, 'correlation', 'latency') ?? 0,
    distribution,
  };
}

/** One of the three; with none, nothing is lost. */
function readLoss(options: QdiscOptions): Partial<NetemParams> {
  const named = ['loss-random', 'loss-state', 'loss-gemodel'].filter(
    (key) => sectionOption(options, key) !== null,
  );
  if (named.length > 1) throw invalid(`duplicate loss argument: ${named.join(' and ')}`);
  const random = sectionOption(options, 'loss-random') ?? {};
  onlyOptions('loss-random', random, ['loss', 'correlation']);
  return {
    loss: shareOption(random, 'loss', 'loss percent') ?? 0,
    lossCorrelation: shareOption(random, 'correlation', 'loss correllation') ?? 0,
    lossState: readLossState(sectionOption(options, 'loss-state')),
    lossGemodel: readLossGemodel(sectionOption(options, 'loss-gemodel')),
  };
}

function readLossState(section: QdiscOptions | null): NetemParams['lossState'] {
  if (section === null) return null;
  onlyOptions('loss-state', section, ['p13', 'p31', 'p32', 'p23', 'p14']);
  const p = (key: string) => shareOption(section, key, `loss ${key}`);
  const p13 = p('p13') ?? 0;
  return { p13, p31: p('p31') ?? 1 - p13, p32: p('p32') ?? 0, p23: p('p23') ?? 1, p14: p('p14') ?? 0 };
}

function readLossGemodel(section: QdiscOptions | null): NetemParams['lossGemodel'] {
  if (section === null) return null;
  onlyOptions('loss-gemodel', section, ['p', 'r', '1-h', '1-k']);
  const share = (key: string) => shareOption(section, key, `loss gemodel ${key}`);
  const p = share('p') ?? 0;
  return { p, r: share('r') ?? 1 - p, '1-h': share('1-h') ?? 1, '1-k': share('1-k') ?? 0 };
}

function readChance(options: QdiscOptions): Partial<NetemParams> {
  const [duplicate, duplicateCorrelation] = shareWithCorrelation(options, 'duplicate');
  const [corrupt, corruptCorrelation] = shareWithCorrelation(options, 'corrupt');
  return { duplicate, duplicateCorrelation, corrupt, corruptCorrelation };
}

/** A gap without a probability reorders every gap-th frame, a probability without a gap may take any. */
function readReorder(options: QdiscOptions): Partial<NetemParams> {
  const gap = wholeOption(options, 'gap') ?? 0;
  const [reorder, reorderCorrelation] = shareWithCorrelation(options, 'reorder');
  if (reorder > 0 && !sectionOption(options, 'delay')?.['delay'])
    throw invalid('reordering not possible without specifying some delay');
  if (gap > 0 && reorder === 0) return { gap, reorder: 1 };
  return { gap: reorder > 0 ? gap || 1 : gap, reorder, reorderCorrelation };
}

function shareWithCorrelation(options: QdiscOptions, key: string): [number, number] {
  const section = sectionOption(options, key) ?? {};
  onlyOptions(key, section, [key, 'correlation']);
  return [shareOption(section, key) ?? 0, shareOption(section, 'correlation', `${key} correlation`) ?? 0];
}

function readRate(options: QdiscOptions): Partial<NetemParams> {
  const section = sectionOption(options, 'rate') ?? {};
  onlyOptions('rate', section, ['rate', 'packetoverhead', 'cellsize', 'celloverhead']);
  return {
    rate: (amountOption(section, 'rate') ?? 0) * 8,
    packetOverhead: wholeOption(section, 'packetoverhead', -INT_MAX, INT_MAX) ?? 0,
    cellSize: wholeOption(section, 'cellsize') ?? 0,
    cellOverhead: wholeOption(section, 'celloverhead', -INT_MAX, INT_MAX) ?? 0,
  };
}

function readSlot(section: QdiscOptions | null): NetemSlot | null {
  if (section === null) return null;
  onlyOptions('slot', section, [
    'min-delay',
    'max-delay',
    'distribution',
    'delay',
    'jitter',
    'packets',
    'bytes',
  ]);
  const minDelay = (amountOption(section, 'min-delay') ?? 0) * MS;
  const maxDelay = (amountOption(section, 'max-delay') ?? minDelay / MS) * MS;
  if (maxDelay < minDelay) throw invalid(`Illegal "slot max_delay": ${maxDelay} ms is below ${minDelay} ms`);
  return {
    minDelay,
    maxDelay,
    distribution: section['distribution'] === undefined ? null : readDistribution(section['distribution']),
    delay: (amountOption(section, 'delay') ?? 0) * MS,
    jitter: (amountOption(section, 'jitter') ?? 0) * MS,
    packets: wholeOption(section, 'packets', 0, INT_MAX) ?? 0,
    bytes: wholeOption(section, 'bytes', 0, INT_MAX) ?? 0,
  };
}

function readDistribution(name: unknown): NetemDistribution {
  if (name === undefined) return 'uniform';
  if (DISTRIBUTIONS.includes(name)) return name as NetemDistribution;
  throw invalid(`No distribution data for ${String(name)} (known are ${DISTRIBUTIONS.join(', ')})`);
}
