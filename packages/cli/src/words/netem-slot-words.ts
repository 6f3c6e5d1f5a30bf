/** netem's slots: MIN [MAX] | distribution NAME DELAY JITTER, [packets N] [bytes N]. cf. iproute2 tc/q_netem.c */
import { type NetemDraft, readDistribution } from './netem-draft.ts';
import { legal, refuse } from './option-mistakes.ts';
import { readSigned, readSize, readTime } from './tc-units.ts';
import { isCut, isNumber, type WordList } from './word-list.ts';

type Slot = Record<string, number | string>;

export function readSlot(words: WordList, draft: NetemDraft): void {
  const least = words.takeIf(isNumber);
  const slot = least === null ? readDistributed(words) : readBounds(words, least);
  slot['packets'] = 0;
  slot['bytes'] = 0;
  if (words.takeIf((word) => isCut(word, 'packets')) !== null)
    slot['packets'] = legal(words.more ? readSigned(words.take()) : null, 'slot packets');
  if (words.takeIf((word) => isCut(word, 'bytes')) !== null)
    slot['bytes'] = legal(words.more ? readSize(words.take()) : null, 'slot bytes');
  draft['slot'] = slot;
}

function readBounds(words: WordList, least: string): Slot {
  const min = legal(readTime(least), 'slot min_delay');
  const most = words.takeIf(isNumber);
  const max = most === null ? min : legal(readTime(most), 'slot max_delay');
  if (max < min) legal(null, 'slot max_delay');
  return { 'min-delay': min, 'max-delay': max };
}

function readDistributed(words: WordList): Slot {
  const word = words.take();
  if (word !== 'distribution') throw refuse(`Unknown slot parameter: ${word}`);
  const distribution = readDistribution(words.take());
  const delay = legal(readTime(words.take()), 'slot delay');
  const jitter = legal(readTime(words.take()), 'slot jitter');
  if (jitter <= 0) throw refuse('Non-positive jitter');
  return { distribution, delay, jitter };
}
