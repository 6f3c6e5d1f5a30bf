/** The options of prio. cf. iproute2 tc/q_prio.c */
import { illegal, refuse, unknownWord } from './option-mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readUnsigned } from './tc-units.ts';
import type { WordList } from './word-list.ts';

const TC_PRIO_MAX = 15;
const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

interface Draft {
  bands: number;
  priomap: number[];
  multiqueue?: boolean;
}

export function readPrioOptions(words: WordList): QdiscOptions {
  const options: Draft = { bands: 3, priomap: [...PRIOMAP] };
  let at = -1;
  while (words.more) {
    const word = words.take();
    if (word === 'bands') options.bands = readBands(words.take());
    else if (word === 'multiqueue') options.multiqueue = true;
    else if (word !== 'priomap') at = readElement(word, at, options);
    else if (at >= 0) throw refuse('Error: duplicate priomap');
    else at = 0;
  }
  return { ...options };
}

function readBands(text: string): number {
  const bands = readUnsigned(text);
  if (bands === null) throw illegal('bands');
  return bands;
}

/** A band of the map; returns the place of the next. */
function readElement(word: string, at: number, options: Draft): number {
  if (at < 0) throw unknownWord('prio', word);
  const band = readUnsigned(word);
  if (band === null) throw refuse('Illegal "priomap" element');
  if (band >= options.bands) throw refuse('"priomap" element is out of bands');
  if (at > TC_PRIO_MAX) throw refuse(`"priomap" index > TC_PRIO_MAX=${TC_PRIO_MAX}`);
  options.priomap[at] = band;
  return at + 1;
}
