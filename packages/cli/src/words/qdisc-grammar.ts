/** The options of each qdisc, for help and behind a word that is none of them. */
const GRAMMAR: Readonly<Record<string, readonly string[]>> = {
  pfifo: ['[limit PACKETS]'],
  bfifo: ['[limit BYTES]'],
  tbf: [
    'rate RATE burst BYTES { latency TIME | limit BYTES } [peakrate RATE mtu BYTES] [mpu N] [overhead N]',
  ],
  prio: ['[bands N] [priomap P1 P2 ...]'],
  fq_codel: [
    '[limit N] [flows N] [target TIME] [interval TIME] [quantum N] [memory_limit BYTES] [[no]ecn]',
    '[ce_threshold TIME] [drop_batch N]',
  ],
  netem: [
    '[limit N] [delay TIME [JITTER [CORRELATION]]] [distribution uniform|normal|pareto|paretonormal]',
    '[loss random PERCENT [CORRELATION] | loss state P13 [P31 [P32 [P23 [P14]]]] |',
    ' loss gemodel P [R [1-H [1-K]]]] [ecn] [corrupt PERCENT [CORRELATION]]',
    '[duplicate PERCENT [CORRELATION]] [reorder PERCENT [CORRELATION] [gap N]]',
    '[rate RATE [OVERHEAD [CELL [CELLOVERHEAD]]]] [seed N]',
    '[slot MIN [MAX] | slot distribution NAME DELAY JITTER [packets N] [bytes N]]',
  ],
};

export function grammarOf(kind: string): readonly string[] {
  return GRAMMAR[kind] ?? [];
}

/** As tc shows it: behind the kind, the lines one below the other. */
export function usageOf(kind: string): string {
  const head = `Usage: ... ${kind} `;
  return `${head}${grammarOf(kind).join(`\n${' '.repeat(head.length)}`)}`;
}
