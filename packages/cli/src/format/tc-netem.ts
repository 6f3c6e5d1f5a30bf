/** netem's options in tc's text and JSON. cf. iproute2 tc/q_netem.c: netem_print_opt */
import { percentText, rateText, secondsText } from './tc-units.ts';

type Values = Readonly<Record<string, number>>;
type Options = Readonly<Record<string, unknown>>;

/** A part is shown when what it is about is not zero. */
interface Part {
  readonly key: string;
  /** What must not be zero; null: being there is enough. */
  readonly about: string | null;
  text(values: Values): string;
}

const PARTS: readonly Part[] = [
  { key: 'delay', about: 'delay', text: delayText },
  { key: 'loss-random', about: 'loss', text: chanceText('loss', 'loss') },
  { key: 'loss-state', about: null, text: modelText(' loss state', ['p13', 'p31', 'p32', 'p23', 'p14']) },
  { key: 'loss-gemodel', about: null, text: modelText(' loss gemodel', ['p', 'r', '1-h', '1-k']) },
  { key: 'duplicate', about: 'duplicate', text: chanceText('duplicate', 'duplicate') },
  { key: 'reorder', about: 'reorder', text: chanceText('reorder', 'reorder') },
  { key: 'corrupt', about: 'corrupt', text: chanceText('corrupt', 'corrupt') },
  { key: 'rate', about: 'rate', text: netemRateText },
  { key: 'slot', about: null, text: slotText },
]; // biome-ignore format: a table

export function netemText(options: Options): string {
  const words = [`limit ${options['limit']}`];
  for (const part of PARTS) {
    const values = shown(options, part);
    if (values !== null) words.push(part.text(values));
  }
  if (options['seed'] !== undefined) words.push(` seed ${options['seed']}`);
  if (options['ecn']) words.push(' ecn ');
  if (options['gap']) words.push(` gap ${options['gap']}`);
  return words.join('');
}

export function netemJson(options: Options): Record<string, unknown> {
  const out: Record<string, unknown> = { limit: options['limit'] };
  for (const part of PARTS) {
    const values = shown(options, part);
    if (values !== null) out[part.key] = part.key === 'slot' ? slotJson(values) : values;
  }
  if (options['seed'] !== undefined) out['seed'] = options['seed'];
  return { ...out, ecn: options['ecn'] === true, gap: options['gap'] ?? 0 };
}

function shown(options: Options, { key, about }: Part): Values | null {
  const values = options[key] as Values | undefined;
  return values === undefined || (about !== null && !values[about]) ? null : values;
}

function delayText({ delay, jitter, correlation }: Values): string {
  if (!jitter) return ` delay ${secondsText(delay!)}`;
  return ` delay ${secondsText(delay!)}  ${secondsText(jitter)}${correlation ? ` ${percentText(correlation)}` : ''}`;
}

function chanceText(label: string, key: string): Part['text'] {
  return (values) => {
    const { correlation } = values;
    return ` ${label} ${percentText(values[key]!)}${correlation ? ` ${percentText(correlation)}` : ''}`;
  };
}

function modelText(label: string, names: readonly string[]): Part['text'] {
  return (values) => `${label} ${names.map((name) => `${name} ${percentText(values[name] ?? 0)}`).join(' ')}`;
}

function netemRateText({ rate, packetoverhead, cellsize, celloverhead }: Values): string {
  const extra = Object.entries({ packetoverhead, cellsize, celloverhead }).filter(([, value]) => value);
  return ` rate ${rateText(rate!)}${extra.map(([key, value]) => ` ${key} ${value}`).join('')}`;
}

function slotText(values: Values): string {
  const { packets, bytes } = values;
  const bounds = slotJson(values);
  const times =
    'distribution' in bounds
      ? ` slot distribution ${secondsText(bounds['distribution']!)} ${secondsText(bounds['jitter']!)}`
      : ` slot ${secondsText(bounds['min-delay'] ?? 0)} ${secondsText(bounds['max-delay'] ?? 0)}`;
  return `${times}${packets ? ` packets ${packets}` : ''}${bytes ? ` bytes ${bytes}` : ''}`;
}

/** tc knows a slot's distribution by its delay and jitter alone: the table has no name in the kernel. */
function slotJson({ packets = 0, bytes = 0, ...values }: Values): Record<string, number> {
  if (!values['jitter']) {
    return { 'min-delay': values['min-delay'] ?? 0, 'max-delay': values['max-delay'] ?? 0, packets, bytes };
  }
  const delay = values['delay'] ?? Number(values['distribution'] ?? 0);
  return { distribution: delay, jitter: values['jitter'], packets, bytes };
}
