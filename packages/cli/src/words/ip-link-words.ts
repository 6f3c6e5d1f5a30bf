/** Reads the words behind `ip link`: show, set, property. cf. iproute2 ip/iplink.c: do_iplink, iplink_parse */
import type { DevicePatch } from '@etherloom/schema';
import { LINK_SETTERS } from './ip-link-set-words.ts';
import { garbage, incomplete, mistake } from './mistakes.ts';
import { isCut, type WordList } from './word-list.ts';

export interface LinkFilter {
  readonly dev: string | null;
  readonly up: boolean;
  readonly kind: string | null;
  readonly group: string | null;
  readonly master: string | null;
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

export function readLinkWords(words: WordList): LinkCommand {
  if (!words.more) return { what: 'show', filter: readLinkFilter(words) };
  const verb = words.take();
  if (isCut(verb, 'set') || isCut(verb, 'change')) return readSet(words);
  if (isCut(verb, 'show') || isCut(verb, 'list') || isCut(verb, 'lst'))
    return { what: 'show', filter: readLinkFilter(words) };
  if (verb === 'property') return readProperty(words);
  if (verb === 'help') return { what: 'help' };
  if (/^(add|del|delete|replace)$/.test(verb))
    throw mistake(`"ip link ${verb}" is not supported: devices come and go with the lab; edit it and "etherloom apply" it.`); // biome-ignore format: one text
  throw mistake(`Command "${verb}" is unknown, try "etherloom ip link help".`);
}

export function readLinkFilter(words: WordList): LinkFilter {
  const filter = { dev: null, up: false, kind: null, group: null, master: null } as {
    -readonly [K in keyof LinkFilter]: LinkFilter[K];
  };
  while (words.more) readFilterWord(words, filter);
  return filter;
}

function readFilterWord(words: WordList, filter: { -readonly [K in keyof LinkFilter]: LinkFilter[K] }): void {
  const word = words.take();
  if (word === 'up') filter.up = true;
  else if (word === 'type') filter.kind = words.take();
  else if (word === 'group') filter.group = words.take();
  else if (word === 'master') filter.master = words.take();
  else if (filter.dev === null) filter.dev = word === 'dev' ? words.take() : word;
  else throw garbage(word === 'dev' ? words.take() : word);
}

function readSet(words: WordList): LinkCommand {
  const patch: DevicePatch = {};
  let dev: string | null = null;
  while (words.more) {
    const word = words.take();
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
