/** What tbf is told. Rates in bytes a second, sizes in bytes, `lat` in microseconds. cf. tbf_change, and iproute2 tc/q_tbf.c */
import type { QdiscOptions } from './qdisc.ts';
import { amountOption, invalid, onlyOptions, wholeOption } from './qdisc-options.ts';

export interface TbfParams {
  readonly rate: number;
  readonly burst: number;
  readonly limit: number;
  /** 0: none. */
  readonly peakrate: number;
  readonly minburst: number;
  readonly mpu: number;
  readonly overhead: number;
  /** The longest frame that fits both buckets. */
  readonly maxSize: number;
}

export const TBF_NONE: TbfParams = {
  rate: 1,
  burst: 0,
  limit: 0,
  peakrate: 0,
  minburst: 0,
  mpu: 0,
  overhead: 0,
  maxSize: 0,
};

const KNOWN = [
  'rate',
  'burst',
  'limit',
  'lat',
  'peakrate',
  'minburst',
  'mtu',
  'mpu',
  'overhead',
  'linklayer',
];
const OVERHEAD_MAX = 0xffff;

export function readTbf(options: QdiscOptions): TbfParams {
  onlyOptions('tbf', options, KNOWN);
  const rate = amountOption(options, 'rate');
  const burst = wholeOption(options, 'burst');
  const peakrate = amountOption(options, 'peakrate') ?? 0;
  const minburst = wholeOption(options, 'minburst') ?? wholeOption(options, 'mtu') ?? 0;
  if (!rate) throw invalid('tbf: the "rate" parameter is mandatory.');
  if (!burst) throw invalid('tbf: the "burst" parameter is mandatory.');
  if (peakrate > 0 && minburst === 0)
    throw invalid('tbf: when "peakrate" is specified, "mtu" must also be specified.');
  if (peakrate > 0 && peakrate <= rate)
    throw invalid(`Invalid argument: tbf: peakrate ${peakrate} is lower than or equals to rate ${rate}`);
  if (options['linklayer'] !== undefined && options['linklayer'] !== 'ethernet')
    throw invalid(
      `tbf: illegal value for "linklayer": "${String(options['linklayer'])}"; only ethernet is known`,
    );
  const params = {
    rate,
    burst,
    peakrate,
    minburst,
    mpu: wholeOption(options, 'mpu', 0, OVERHEAD_MAX) ?? 0,
    overhead: wholeOption(options, 'overhead', 0, OVERHEAD_MAX) ?? 0,
    maxSize: peakrate > 0 ? Math.min(burst, minburst) : burst,
  };
  return { ...params, limit: limitOf(options, params) };
}

/** Milliseconds that `len` bytes take at a rate. cf. psched_l2t_ns */
export function tbfTime({ overhead, mpu }: TbfParams, rate: number, len: number): number {
  return (Math.max(len + overhead, mpu) * 1000) / rate;
}

export function dumpTbf(params: TbfParams): Record<string, unknown> {
  const { rate, burst, mpu, peakrate, minburst, limit, overhead } = params;
  const lat = latencyOf(params);
  return {
    rate,
    burst,
    ...(mpu === 0 ? {} : { mpu }),
    ...(peakrate === 0 ? {} : { peakrate }),
    ...(minburst === 0 ? {} : { minburst }),
    ...(lat < 0 ? { limit } : { lat }),
    ...(overhead === 0 ? {} : { overhead }),
  };
}

type Buckets = Pick<TbfParams, 'rate' | 'burst' | 'peakrate' | 'minburst'>;

function limitOf(options: QdiscOptions, { rate, burst, peakrate, minburst }: Buckets): number {
  const limit = wholeOption(options, 'limit');
  const lat = amountOption(options, 'lat');
  if (limit !== undefined && lat !== undefined)
    throw invalid('tbf: specifying both "latency" and "limit" is not allowed');
  if (limit !== undefined) return limit;
  if (lat === undefined) throw invalid('tbf: either "limit" or "latency" is required.');
  const bytes = (rate * lat) / 1e6 + burst;
  const peak = peakrate > 0 ? (peakrate * lat) / 1e6 + minburst : bytes;
  return Math.floor(Math.min(bytes, peak) + 1e-6);
}

/** Microseconds that the last frame of a full queue waits. */
function latencyOf({ rate, burst, peakrate, minburst, limit }: TbfParams): number {
  const lat = ((limit - burst) * 1e6) / rate;
  return Math.round(peakrate > 0 ? Math.max(lat, ((limit - minburst) * 1e6) / peakrate) : lat);
}
