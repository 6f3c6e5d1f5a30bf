/** The options behind the kind in `tc qdisc add dev DEV root KIND ...`: which reader a kind has. cf. iproute2 tc/tc.c: get_qdisc_kind */
import { readFifoOptions } from './fifo-words.ts';
import { readFqCodelOptions } from './fq-codel-words.ts';
import { mistake } from './mistakes.ts';
import { readNetemOptions } from './netem-words.ts';
import { readPrioOptions } from './prio-words.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readTbfOptions } from './tbf-words.ts';
import type { WordList } from './word-list.ts';

type Reader = (words: WordList) => QdiscOptions;

const READERS: Readonly<Record<string, Reader>> = {
  pfifo: (words) => readFifoOptions('pfifo', words),
  bfifo: (words) => readFifoOptions('bfifo', words),
  pfifo_fast: (words) => readNoOptions('pfifo_fast', words),
  tbf: readTbfOptions,
  netem: readNetemOptions,
  fq_codel: readFqCodelOptions,
  prio: readPrioOptions,
};

export function readQdiscOptions(kind: string, words: WordList): QdiscOptions {
  if (Object.hasOwn(READERS, kind)) return READERS[kind]!(words);
  if (words.more) throw mistake(`Unknown qdisc "${kind}", hence option "${words.take()}" is unparsable`, 1);
  return {};
}

function readNoOptions(kind: string, words: WordList): QdiscOptions {
  if (words.more) throw mistake(`qdisc '${kind}' does not support option parsing`);
  return {};
}
