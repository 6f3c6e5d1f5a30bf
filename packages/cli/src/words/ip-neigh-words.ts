/** Reads the words behind `ip neighbour show`. cf. iproute2 ip/ipneigh.c: do_show_or_flush */
import { mistake, wrongArgument } from './mistakes.ts';
import { isCut, type WordList } from './word-list.ts';

export interface NeighFilter {
  readonly dev: string | null;
  /** The neighbour's address, or a prefix it lies in. */
  readonly to: string | null;
  /** States that are shown; empty: all but NOARP. */
  readonly nud: readonly string[];
}

export type NeighCommand =
  | { readonly what: 'neighbours'; readonly filter: NeighFilter }
  | { readonly what: 'help' };

const STATES = 'permanent reachable noarp none stale incomplete delay probe failed all'.split(' ');

export function readNeighWords(words: WordList): NeighCommand {
  if (!words.more) return { what: 'neighbours', filter: readFilter(words) };
  const verb = words.take();
  if (isCut(verb, 'show') || isCut(verb, 'list') || isCut(verb, 'lst'))
    return { what: 'neighbours', filter: readFilter(words) };
  if (verb === 'help') return { what: 'help' };
  if (/^(add|del|delete|change|chg|replace|flush|get)$/.test(verb))
    throw mistake(`"ip neighbour ${verb}" is not supported: a node learns its neighbours itself.`);
  throw mistake(`Command "${verb}" is unknown, try "etherloom ip neighbour help".`);
}

function readFilter(words: WordList): NeighFilter {
  let dev: string | null = null;
  let to: string | null = null;
  const nud: string[] = [];
  while (words.more) {
    const word = words.take();
    if (word === 'dev') dev = words.take();
    else if (word === 'nud') nud.push(state(words.take()));
    else to = prefix(word === 'to' ? words.take() : word);
  }
  return { dev, to, nud };
}

function state(word: string): string {
  if (!STATES.includes(word)) throw wrongArgument(word, 'nud state is bad');
  return word.toUpperCase();
}

function prefix(word: string): string {
  if (/^(?=.*[.:])[\da-f.:]+(\/\d{1,3})?$/i.test(word)) return word;
  throw mistake(`Error: any valid prefix is expected rather than "${word}".`, 1);
}
