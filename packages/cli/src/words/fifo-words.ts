/** The options of pfifo and bfifo. cf. iproute2 tc/q_fifo.c */
import { refuse, unknownWord } from './option-mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readSize } from './tc-units.ts';
import type { WordList } from './word-list.ts';

export function readFifoOptions(kind: string, words: WordList): QdiscOptions {
  const options: { limit?: number } = {};
  while (words.more) {
    const word = words.take();
    if (word !== 'limit') throw unknownWord(kind, word, `${kind}: unknown parameter "${word}"`);
    const text = words.take();
    const limit = readSize(text);
    if (limit === null) throw refuse(`${kind}: Illegal value for "limit": "${text}"`);
    options.limit = limit;
  }
  return options;
}
