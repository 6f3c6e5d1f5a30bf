/** The options of tbf. A latency becomes the limit it stands for, as tc itself computes it. cf. iproute2 tc/q_tbf.c */
import { refuse, senseless, unknownWord } from './option-mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readRate, readSize, readTime, readUnsigned } from './tc-units.ts';
import { isCut, type WordList } from './word-list.ts';

interface Draft {
  rate?: number;
  peakrate?: number;
  burst?: number;
  minburst?: number;
  mpu?: number;
  overhead?: number;
  limit?: number;
  /** Seconds. */
  latency?: number;
}

interface Option {
  readonly key: keyof Draft;
  /** As tc names it when it is given twice. */
  readonly label: string;
  fits(word: string): boolean;
  read(text: string): number | null;
}

function option(key: keyof Draft, label: string, read: Option['read'], fits: Option['fits']): Option {
  return { key, label, read, fits };
}

const named =
  (...names: string[]) =>
  (word: string) =>
    names.includes(word);
const cutOf = (name: string) => (word: string) => isCut(word, name);

/** Asked in this order, as tc compares: `l` is limit, `la` latency. */
const OPTIONS: readonly Option[] = [
  option('limit', 'limit', readSize, cutOf('limit')),
  option('latency', 'latency', readTime, cutOf('latency')),
  option('burst', 'buffer/burst/maxburst', readSizeAndCell, (word) => isCut(word, 'burst') || named('buffer', 'maxburst')(word)),
  option('minburst', 'mtu/minburst', readSizeAndCell, named('mtu', 'minburst')),
  option('mpu', 'mpu', readSize, named('mpu')),
  option('rate', 'rate', readRate, named('rate')),
  option('peakrate', 'peakrate', readRate, cutOf('peakrate')),
  option('overhead', 'overhead', readUnsigned, cutOf('overhead')),
]; // biome-ignore format: a table

export function readTbfOptions(words: WordList): QdiscOptions {
  const draft: Draft = {};
  while (words.more) readOption(words, draft);
  const missing = mistakes(draft);
  if (missing.length > 0) throw senseless('tbf', missing.join('\n'));
  const { latency, ...options } = draft;
  return { ...options, limit: draft.limit || limitOf(draft) };
}

function readOption(words: WordList, draft: Draft): void {
  const word = words.take();
  if (isCut(word, 'linklayer')) {
    readLinkLayer(words.take());
    return;
  }
  const found = OPTIONS.find(({ fits }) => fits(word));
  if (found === undefined) throw unknownWord('tbf', word, `tbf: unknown parameter "${word}"`);
  const text = words.take();
  if (draft[found.key]) throw refuse(`tbf: duplicate "${found.label}" specification`);
  if ((found.key === 'limit' && draft.latency) || (found.key === 'latency' && draft.limit))
    throw refuse('tbf: specifying both "latency" and "limit" is not allowed');
  const value = found.read(text);
  if (value === null) throw refuse(`tbf: illegal value for "${word}": "${text}"`);
  draft[found.key] = value;
}

/** Frames here are Ethernet; cells of ATM are not modelled. */
function readLinkLayer(text: string): void {
  if (text !== 'ethernet') throw refuse(`tbf: illegal value for "linklayer": "${text}"`);
}

/** tc names every one that is missing at once. */
function mistakes(draft: Draft): string[] {
  const found: string[] = [];
  if (!draft.rate) found.push('tbf: the "rate" parameter is mandatory.');
  if (!draft.burst) found.push('tbf: the "burst" parameter is mandatory.');
  if (draft.peakrate && !draft.minburst)
    found.push('tbf: when "peakrate" is specified, "mtu" must also be specified.');
  if (!draft.limit && !draft.latency) found.push('tbf: either "limit" or "latency" is required.');
  return found;
}

function limitOf({ rate, burst, peakrate, minburst, latency }: Draft): number {
  const seconds = latency ?? 0;
  const limit = rate! * seconds + burst!;
  return Math.floor(peakrate ? Math.min(limit, peakrate * seconds + minburst!) : limit);
}

/** "10kb/8": the cell only shapes a table the kernel no longer reads. */
function readSizeAndCell(text: string): number | null {
  const [size, cell] = text.split('/', 2);
  const log = cell === undefined ? 0 : Math.log2(readUnsigned(cell) ?? 3);
  return Number.isInteger(log) ? readSize(size!) : null;
}
