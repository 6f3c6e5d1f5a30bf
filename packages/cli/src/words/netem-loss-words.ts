/** netem's three models of loss: random, state (4-state Markov), gemodel (Gilbert-Elliott). cf. iproute2 tc/q_netem.c */
import type { NetemDraft } from './netem-draft.ts';
import { legal, refuse } from './option-mistakes.ts';
import { readPercent } from './tc-units.ts';
import { isNumber, type WordList } from './word-list.ts';

export function readLoss(words: WordList, draft: NetemDraft): void {
  if (Object.keys(draft).some((key) => key.startsWith('loss-')))
    throw refuse('Illegal "duplicate loss argument"');
  const first = words.take();
  if (first === 'state') draft['loss-state'] = readState(words);
  else if (first === 'gemodel') draft['loss-gemodel'] = readGemodel(words);
  else if (first === 'random') readRandom(words, words.take(), draft);
  else if (isNumber(first)) readRandom(words, first, draft);
  else throw refuse(`Unknown loss parameter: ${first}`);
}

function readRandom(words: WordList, percent: string, draft: NetemDraft): void {
  const loss = legal(readPercent(percent), 'loss percent');
  const correlation = words.takeIf(isNumber);
  draft['loss-random'] = {
    loss,
    correlation: correlation === null ? 0 : legal(readPercent(correlation), 'loss correlation'),
  };
}

/** P13 [P31 [P32 [P23 [P14]]]]; what is left out is what makes it a two-state chain. */
function readState(words: WordList): Record<string, number> {
  const p13 = legal(readPercent(words.take()), 'loss p13');
  const state: Record<string, number> = { p13, p31: rest(p13), p32: 0, p23: 1, p14: 0 };
  for (const key of ['p31', 'p32', 'p23', 'p14']) {
    const text = words.takeIf(isNumber);
    if (text === null) break;
    state[key] = legal(readPercent(text), `loss ${key}`);
  }
  return state;
}

/** P [R [1-H [1-K]]]; 1-H alone is one when it is left out: every frame of the bad state is lost. */
function readGemodel(words: WordList): Record<string, number> {
  const p = legal(readPercent(words.take()), 'loss gemodel p');
  const model: Record<string, number> = { p, r: rest(p), '1-h': 1, '1-k': 0 };
  for (const [key, name] of [['r', 'r'], ['1-h', 'h'], ['1-k', 'k']] as const) {
    const text = words.takeIf(isNumber);
    if (text === null) break;
    model[key] = legal(readPercent(text), `loss gemodel ${name}`);
  } // biome-ignore format: one thought
  return model;
}

function rest(probability: number): number {
  return Number((1 - probability).toPrecision(12));
}
