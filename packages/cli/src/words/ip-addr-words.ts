/** Reads the words behind `ip address show`. cf. iproute2 ip/ipaddress.c: ipaddr_list_flush_or_save */
import { garbage, incomplete, mistake, wrongArgument } from './mistakes.ts';
import { isCut, type WordList } from './word-list.ts';

export interface AddrFilter {
  readonly dev: string | null;
  readonly up: boolean;
  readonly kind: string | null;
  readonly scope: string | null;
  /** A prefix the address must lie in. */
  readonly to: string | null;
}

export type AddrCommand =
  | { readonly what: 'addresses'; readonly filter: AddrFilter }
  | { readonly what: 'help' };

export function readAddrWords(words: WordList): AddrCommand {
  if (!words.more) return { what: 'addresses', filter: readFilter(words) };
  const verb = words.take();
  if (isCut(verb, 'show') || isCut(verb, 'list') || isCut(verb, 'lst'))
    return { what: 'addresses', filter: readFilter(words) };
  if (verb === 'help') return { what: 'help' };
  if (/^(add|del|delete|change|replace|flush)$/.test(verb))
    throw mistake(`"ip address ${verb}" is not supported: addresses are the lab's; edit its "ip:" and "etherloom apply" it.`); // biome-ignore format: one text
  throw mistake(`Command "${verb}" is unknown, try "etherloom ip address help".`);
}

type Draft = { -readonly [K in keyof AddrFilter]: AddrFilter[K] };

function readFilter(words: WordList): AddrFilter {
  const filter: Draft = { dev: null, up: false, kind: null, scope: null, to: null };
  while (words.more) readFilterWord(words, filter);
  return filter;
}

function readFilterWord(words: WordList, filter: Draft): void {
  const word = words.take();
  if (word === 'up') filter.up = true;
  else if (word === 'type') filter.kind = words.take();
  else if (word === 'scope') filter.scope = scope(words.take());
  else if (word === 'to') filter.to = prefix(words.take());
  else if (filter.dev === null) filter.dev = word === 'dev' ? words.take() : word;
  else throw garbage(word === 'dev' ? words.take() : word);
}

function scope(word: string): string | null {
  if (word === '') throw incomplete();
  if (word === 'all') return null;
  if (/^(global|link|host|site)$/.test(word)) return word;
  throw wrongArgument(word, 'invalid "scope"');
}

function prefix(word: string): string {
  if (/^[\da-f.:]+(\/\d{1,3})?$/i.test(word)) return word;
  throw mistake(`Error: any valid prefix is expected rather than "${word}".`, 1);
}
