/** Reads the words behind `ip link`: show, set, property. cf. iproute2 ip/iplink.c: do_iplink, iplink_parse */
import type { DevicePatch } from '@etherloom/schema';
import { LINK_SETTERS, readGroup } from './ip-link-set-words.ts';
import { garbage, incomplete, mistake, wrongArgument } from './mistakes.ts';
import { firstCut, isCut, type WordList } from './word-list.ts';

export interface LinkFilter {
  readonly dev: string | null;
  readonly up: boolean;
  readonly kind: string | null;
  readonly group: string | null;
  readonly master: string | null;
  readonly nomaster: boolean;
}

export type LinkCommand =
  | { readonly what: 'show'; readonly filter: LinkFilter }
  | { readonly what: 'set'; readonly dev: string; readonly patch: DevicePatch }
  | {
      readonly what: 'property';
      readonly verb: 'add' | 'del';
      readonly dev: string;
      readonly altnames: readonly string[];
    }
  | { readonly what: 'help' };

/** In iproute2's order, which decides what `s`, `l` or `d` is cut from. */
const VERBS = ['add', 'set', 'change', 'replace', 'delete', 'show', 'list', 'lst', 'xstats', 'afstats', 'property', 'help']; // biome-ignore format: one line of text

export function readLinkWords(words: WordList): LinkCommand {
  if (!words.more) return { what: 'show', filter: readLinkFilter(words) };
  const given = words.take();
  const verb = firstCut(given, VERBS);
  switch (verb) {
    case 'set':
    case 'change':
      return readSet(words);
    case 'show':
    case 'list':
    case 'lst':
      return readShow(words);
    case 'property':
      return readProperty(words);
    case 'help':
      return { what: 'help' };
    case 'xstats':
    case 'afstats':
      throw mistake(`"ip link ${verb}" is not supported: "etherloom ip -s -s link" and "etherloom ethtool -S" count what there is.`); // biome-ignore format: one text
    case null:
      throw mistake(`Command "${given}" is unknown, try "etherloom ip link help".`);
    default:
      throw mistake(`"ip link ${verb}" is not supported: devices come and go with the lab; edit it and "etherloom apply" it.`); // biome-ignore format: one text
  }
}

function readShow(words: WordList): LinkCommand {
  return words.peek === 'help' ? { what: 'help' } : { what: 'show', filter: readLinkFilter(words) };
}

export function readLinkFilter(words: WordList): LinkFilter {
  const filter: Draft = { dev: null, up: false, kind: null, group: null, master: null, nomaster: false };
  while (words.more) readFilterWord(words, filter);
  return filter;
}

type Draft = { -readonly [K in keyof LinkFilter]: LinkFilter[K] };

function readFilterWord(words: WordList, filter: Draft): void {
  const word = words.take();
  if (word === 'up') filter.up = true;
  else if (word === 'type') filter.kind = words.take();
  else if (word === 'group') filter.group = String(readGroup(words.take()));
  else if (word === 'vrf') throw wrongArgument(words.take(), 'Not a valid VRF name');
  else if (word === 'nomaster') filter.nomaster = true;
  else if (word === 'master') filter.master = words.take();
  else if (filter.dev === null) filter.dev = word === 'dev' ? words.take() : word;
  else throw garbage(word === 'dev' ? words.take() : word);
}

function readSet(words: WordList): LinkCommand {
  const patch: DevicePatch = {};
  let dev: string | null = null;
  while (words.more) {
    const word = words.take();
    if (word === 'help') return { what: 'help' };
    const setter = LINK_SETTERS.find(({ fits }) => fits(word));
    if (setter !== undefined) setter.set(words, patch);
    else if (dev === null) dev = word === 'dev' ? words.take() : word;
    else throw garbage(word === 'dev' ? words.take() : word);
  }
  if (dev === null) throw mistake('Not enough information: "dev" argument is required.');
  return { what: 'set', dev, patch };
}

function readProperty(words: WordList): LinkCommand {
  if (!words.more) throw incomplete();
  const verb = readPropertyVerb(words.take());
  const altnames: string[] = [];
  let dev: string | null = null;
  while (words.more) {
    const word = words.take();
    if (word === 'dev') dev = words.take();
    else if (word === 'altname') altnames.push(words.take());
    else throw mistake(`Error: argument "${word}" is wrong: unknown property`);
  }
  if (dev === null) throw mistake('Not enough information: "dev" argument is required.');
  return { what: 'property', verb, dev, altnames };
}

function readPropertyVerb(verb: string): 'add' | 'del' {
  if (isCut(verb, 'add')) return 'add';
  if (isCut(verb, 'delete')) return 'del';
  throw mistake(`Operator required`);
}
