/** The options of netem, whole. cf. iproute2 tc/q_netem.c: netem_parse_opt */
import { type NetemDraft, readDistribution } from './netem-draft.ts';
import { readLoss } from './netem-loss-words.ts';
import { readSlot } from './netem-slot-words.ts';
import { legal, senseless, unknownWord } from './option-mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readPercent, readRate, readSigned, readSize, readTime, readUnsigned } from './tc-units.ts';
import { isCut, isNumber, isSignedNumber, type WordList } from './word-list.ts';

type Reader = (words: WordList, draft: NetemDraft) => void;

/** In tc's order, which decides what `d` or `l` is cut from. */
const READERS: readonly (readonly [name: string, read: Reader])[] = [
  ['limit', (words, draft) => { draft['limit'] = legal(readSize(words.take()), 'limit'); }],
  ['latency', readDelay],
  ['delay', readDelay],
  ['loss', readLoss],
  ['drop', readLoss],
  ['ecn', (_words, draft) => { draft['ecn'] = true; }],
  ['reorder', chance('reorder')],
  ['corrupt', chance('corrupt')],
  ['gap', (words, draft) => { draft['gap'] = legal(readUnsigned(words.take()), 'gap'); }],
  ['duplicate', chance('duplicate')],
  ['distribution', (words, draft) => { draft['distribution'] = readDistribution(words.take()); }],
  ['rate', readNetemRate],
  ['slot', readSlot],
  // Why last: tc learnt it last, and `s` is a slot to the scripts from before.
  ['seed', (words, draft) => { draft['seed'] = readSeed(words.take()); }],
]; // biome-ignore format: a table

export function readNetemOptions(words: WordList): QdiscOptions {
  const draft: NetemDraft = { limit: 1000 };
  while (words.more) {
    const word = words.take();
    const entry = READERS.find(([name]) => isCut(word, name));
    if (entry === undefined) throw unknownWord('netem', word);
    entry[1](words, draft);
  }
  checkTogether(draft);
  return draft;
}

/** TIME [JITTER [CORRELATION]] */
function readDelay(words: WordList, draft: NetemDraft): void {
  const delay = legal(readTime(words.take()), 'latency');
  const jitter = words.takeIf(isNumber);
  const correlation = jitter === null ? null : words.takeIf(isNumber);
  draft['delay'] = {
    delay,
    jitter: jitter === null ? 0 : legal(readTime(jitter), 'latency'),
    correlation: correlation === null ? 0 : legal(readPercent(correlation), 'latency'),
  };
}

/** PERCENT [CORRELATION] */
function chance(key: string): Reader {
  return (words, draft) => {
    const probability = legal(readPercent(words.take()), key);
    const correlation = words.takeIf(isNumber);
    draft[key] = {
      [key]: probability,
      correlation: correlation === null ? 0 : legal(readPercent(correlation), key),
    };
  };
}

/** RATE [PACKETOVERHEAD [CELLSIZE [CELLOVERHEAD]]] */
function readNetemRate(words: WordList, draft: NetemDraft): void {
  const rate = legal(readRate(words.take()), 'rate');
  const packet = words.takeIf(isSignedNumber);
  const cell = words.takeIf(isNumber);
  const cellOverhead = words.takeIf(isSignedNumber);
  draft['rate'] = {
    rate,
    packetoverhead: packet === null ? 0 : legal(readSigned(packet), 'rate'),
    cellsize: cell === null ? 0 : legal(readUnsigned(cell), 'rate'),
    celloverhead: cellOverhead === null ? 0 : legal(readSigned(cellOverhead), 'rate'),
  };
}

/** A seed of 64 bits; what JSON cannot carry as a number is refused rather than rounded. */
function readSeed(text: string): number {
  const seed = /^\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
  return legal(Number.isSafeInteger(seed) ? seed : null, 'seed');
}

interface Together {
  readonly delay?: { readonly delay: number; readonly jitter: number };
  readonly reorder?: { readonly reorder: number };
}

function checkTogether(draft: NetemDraft): void {
  const { delay, reorder } = draft as Together;
  if (reorder !== undefined && reorder.reorder > 0) {
    if (!delay?.delay) throw senseless('netem', 'reordering not possible without specifying some delay');
    if (!draft['gap']) draft['gap'] = 1;
  } else if (draft['gap']) throw senseless('netem', 'gap specified without reorder probability');
  if (draft['ecn'] && !Object.keys(draft).some((key) => key.startsWith('loss-')))
    throw senseless('netem', 'ecn requested without loss model');
  if (draft['distribution'] !== undefined && !(delay?.delay && delay.jitter))
    throw senseless('netem', 'distribution specified but no latency and jitter values');
}
