/** The options of fq_codel; times in microseconds, as `tc -j` prints them. cf. iproute2 tc/q_fq_codel.c */
import { legal, unknownWord } from './option-mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readSize, readTime, readUnsigned } from './tc-units.ts';
import type { WordList } from './word-list.ts';

const VALUES: Readonly<Record<string, (text: string) => number | null>> = {
  limit: readUnsigned,
  flows: readUnsigned,
  quantum: readUnsigned,
  drop_batch: readUnsigned,
  target: microseconds,
  interval: microseconds,
  ce_threshold: microseconds,
  memory_limit: readSize,
};

export function readFqCodelOptions(words: WordList): QdiscOptions {
  const options: Record<string, unknown> = {};
  while (words.more) {
    const word = words.take();
    if (word === 'ecn' || word === 'noecn') options['ecn'] = word === 'ecn';
    else if (!Object.hasOwn(VALUES, word)) throw unknownWord('fq_codel', word);
    else options[word] = legal(VALUES[word]!(words.take()), word);
  }
  return options;
}

function microseconds(text: string): number | null {
  const seconds = readTime(text);
  return seconds === null ? null : Math.floor(Number((seconds * 1e6).toFixed(3)));
}
