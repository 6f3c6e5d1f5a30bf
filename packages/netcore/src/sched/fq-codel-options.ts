/** What fq_codel is told. Times in microseconds, as tc prints them. cf. fq_codel_change, iproute2 tc/q_fq_codel.c */
import type { QdiscOptions } from './qdisc.ts';
import { amountOption, flagOption, invalid, onlyOptions, wholeOption } from './qdisc-options.ts';

export interface FqCodelParams {
  readonly limit: number;
  readonly flows: number;
  readonly quantum: number;
  readonly target: number;
  readonly interval: number;
  readonly memoryLimit: number;
  readonly ecn: boolean;
  /** Infinity: none. */
  readonly ceThreshold: number;
  readonly dropBatch: number;
}

const KNOWN = [
  'limit',
  'flows',
  'quantum',
  'target',
  'interval',
  'memory_limit',
  'ecn',
  'ce_threshold',
  'drop_batch',
];
const LEAST_QUANTUM = 256;
const FQ_CODEL_QUANTUM_MAX = 1 << 20;
const MAX_FLOWS = 65536;
/** The kernel keeps times in units of 1024 ns. */
const UNITS_PER_USEC = 1000 / 1024;

export function fqCodelDefaults(mtu: number): FqCodelParams {
  return {
    limit: 10_240,
    flows: 1024,
    quantum: mtu,
    target: 5000,
    interval: 100_000,
    memoryLimit: 32 << 20,
    ecn: true,
    ceThreshold: Number.POSITIVE_INFINITY,
    dropBatch: 64,
  };
}

/** What is not named stays; flows are made once. */
export function readFqCodel(options: QdiscOptions, base: FqCodelParams, running: boolean): FqCodelParams {
  onlyOptions('fq_codel', options, KNOWN);
  const flows = wholeOption(options, 'flows');
  if (flows !== undefined && running)
    throw invalid('Invalid argument: the flows of fq_codel are made once; replace it');
  if (flows !== undefined && (flows === 0 || flows > MAX_FLOWS))
    throw invalid(`Invalid argument: fq_codel has 1 to ${MAX_FLOWS} flows, not ${flows}`);
  const quantum = Math.max(LEAST_QUANTUM, wholeOption(options, 'quantum') ?? base.quantum);
  if (quantum > FQ_CODEL_QUANTUM_MAX)
    throw invalid(`Invalid quantum: ${quantum} is above ${FQ_CODEL_QUANTUM_MAX}`);
  return {
    limit: Math.max(1, wholeOption(options, 'limit') ?? base.limit),
    flows: flows ?? base.flows,
    quantum,
    target: usecs(options, 'target', base.target),
    interval: usecs(options, 'interval', base.interval),
    memoryLimit: wholeOption(options, 'memory_limit') ?? base.memoryLimit,
    ecn: flagOption(options, 'ecn') ?? base.ecn,
    ceThreshold: usecs(options, 'ce_threshold', base.ceThreshold),
    dropBatch: Math.max(1, wholeOption(options, 'drop_batch') ?? base.dropBatch),
  };
}

export function dumpFqCodel(params: FqCodelParams): Record<string, unknown> {
  const { limit, flows, quantum, target, interval, memoryLimit, ecn, ceThreshold, dropBatch } = params;
  return {
    limit,
    flows,
    quantum,
    target: shownUsecs(target),
    ...(ceThreshold === Number.POSITIVE_INFINITY ? {} : { ce_threshold: shownUsecs(ceThreshold) }),
    interval: shownUsecs(interval),
    memory_limit: memoryLimit,
    ...(ecn ? { ecn } : {}),
    drop_batch: dropBatch,
  };
}

/** A value that was printed, and comes back, means the one it was printed for: else it would shrink each time. */
function usecs(options: QdiscOptions, key: string, base: number): number {
  const given = amountOption(options, key);
  return given === undefined || given === shownUsecs(base) ? base : given;
}

/** 5 ms is shown as 4999. cf. codel_time_to_us */
function shownUsecs(value: number): number {
  return Math.floor(Math.floor(value * UNITS_PER_USEC) / UNITS_PER_USEC);
}
