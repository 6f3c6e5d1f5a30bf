/** A qdisc's options, as each kind prints them. cf. iproute2 tc/q_fifo.c, q_prio.c, q_tbf.c, q_fq_codel.c: print_opt */
import { netemJson, netemText } from './tc-netem.ts';
import { microsecondsText, rateText, sizeText } from './tc-units.ts';

export type Options = Readonly<Record<string, unknown>>;

interface Printer {
  text(options: Options, details: boolean): string;
  /** Keys that tc prints in JSON, in its order. */
  json(options: Options): Record<string, unknown>;
}

const PRINTERS: Readonly<Record<string, Printer>> = {
  pfifo: { text: ({ limit }) => `limit ${limit}p`, json: keys('limit') },
  bfifo: { text: ({ limit }) => `limit ${sizeText(Number(limit))}`, json: keys('limit') },
  pfifo_fast: { text: prioText, json: keys('bands', 'priomap', 'multiqueue') },
  prio: { text: prioText, json: keys('bands', 'priomap', 'multiqueue') },
  tbf: { text: tbfText, json: keys('rate', 'burst', 'minburst', 'lat', 'limit', 'overhead', 'linklayer') },
  fq_codel: {
    text: fqCodelText,
    json: keys('limit', 'flows', 'quantum', 'target', 'ce_threshold', 'interval', 'memory_limit', 'ecn', 'drop_batch'),
  },
  netem: { text: netemText, json: netemJson },
}; // biome-ignore format: a table

export function optionsText(kind: string, options: Options, details: boolean): string {
  return PRINTERS[kind]?.text(options, details) ?? unknownText(options);
}

/** With details also what tc keeps to itself: a peak rate, the name of a distribution. */
export function optionsJson(kind: string, options: Options, details: boolean): Record<string, unknown> {
  const shown = PRINTERS[kind]?.json(options) ?? { ...options };
  return details ? { ...shown, ...rest(options, shown) } : shown;
}

function rest(options: Options, shown: Options): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !(key in shown)));
}

function keys(...names: string[]): Printer['json'] {
  return (options) => {
    const shown = names.filter((name) => options[name] !== undefined && !isSilent(name, options));
    return Object.fromEntries(shown.map((name) => [name, options[name]]));
  };
}

/** What tc leaves out when it is off. */
function isSilent(name: string, options: Options): boolean {
  if (name === 'ecn' || name === 'overhead' || name === 'drop_batch') return !options[name];
  return name === 'limit' && options['lat'] !== undefined;
}

function prioText({ bands, priomap, multiqueue }: Options): string {
  return `bands ${bands} priomap ${(priomap as readonly number[]).join(' ')}${multiqueue ? ' multiqueue: on ' : ''}`;
}

function tbfText(options: Options, details: boolean): string {
  const { rate, burst, peakrate, minburst, mpu, lat, limit, overhead } = options as Readonly<Record<string, number>>;
  const cell = details ? '/1' : '';
  const floor = details ? `mpu ${sizeText(mpu ?? 0)} ` : '';
  const words = [`rate ${rateText(rate!)} burst ${sizeText(burst!)}${cell} ${floor}`];
  if (peakrate) words.push(`peakrate ${rateText(peakrate)} `);
  if (minburst) words.push(`${details ? 'mtu' : 'minburst'} ${sizeText(minburst)}${cell} ${floor}`);
  if (lat !== undefined) words.push(`lat ${microsecondsText(lat)} `);
  else if (limit !== undefined) words.push(`limit ${sizeText(limit)} `);
  if (overhead) words.push(`overhead ${overhead} `);
  if (details) words.push('linklayer ethernet ');
  return words.join('');
} // biome-ignore format: a list

const FQ_CODEL: readonly (readonly [key: string, text: (value: number) => string])[] = [
  ['limit', (frames) => `${frames}p`],
  ['flows', String],
  ['quantum', String],
  ['target', microsecondsText],
  ['ce_threshold', microsecondsText],
  ['interval', microsecondsText],
  ['memory_limit', sizeText],
];

function fqCodelText(options: Options): string {
  const words = FQ_CODEL.filter(([key]) => options[key] !== undefined).map(
    ([key, text]) => `${key} ${text(Number(options[key]))} `,
  );
  if (options['ecn']) words.push('ecn ');
  if (options['drop_batch']) words.push(`drop_batch ${options['drop_batch']} `);
  return words.join('');
}

function unknownText(options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value} `)
    .join('');
}
