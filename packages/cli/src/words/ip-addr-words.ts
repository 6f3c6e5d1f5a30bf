/** Reads the words behind `ip address show`. cf. iproute2 ip/ipaddress.c: ipaddr_list_flush_or_save */
import { readGroup } from './ip-link-set-words.ts';
import { garbage, mistake, wrongArgument } from './mistakes.ts';
import { readPrefix } from './prefix-word.ts';
import { firstCut, isCut, type WordList } from './word-list.ts';

export interface AddrFilter {
  readonly dev: string | null;
  readonly up: boolean;
  readonly kind: string | null;
  readonly group: string | null;
  readonly master: string | null;
  readonly nomaster: boolean;
  readonly scope: string | null;
  /** A prefix the address must lie in. */
  readonly to: string | null;
  /** As a shell matches file names: `eth*`. */
  readonly label: string | null;
  /** What an address must be, and with false what it must not. */
  readonly flags: Readonly<Record<string, boolean>>;
}

export type AddrCommand =
  | { readonly what: 'addresses'; readonly filter: AddrFilter }
  | { readonly what: 'help' };

const CHANGES = ['add', 'change', 'chg', 'replace', 'delete', 'flush', 'save', 'showdump', 'restore'];

export function readAddrWords(words: WordList): AddrCommand {
  if (!words.more) return { what: 'addresses', filter: readFilter(words) };
  const verb = words.take();
  const change = firstCut(verb, CHANGES.slice(0, 5));
  if (change === null && ['show', 'list', 'lst'].some((name) => isCut(verb, name)))
    return { what: 'addresses', filter: readFilter(words) };
  if (isCut(verb, 'help')) return { what: 'help' };
  if (firstCut(verb, CHANGES) !== null)
    throw mistake(`"ip address ${firstCut(verb, CHANGES)}" is not supported: addresses are the lab's; edit its "ip:" and "etherloom apply" it.`); // biome-ignore format: one text
  throw mistake(`Command "${verb}" is unknown, try "etherloom ip address help".`);
}

type Draft = { -readonly [K in keyof AddrFilter]: AddrFilter[K] };

function readFilter(words: WordList): AddrFilter {
  const filter: Draft = {
    dev: null,
    up: false,
    kind: null,
    group: null,
    master: null,
    nomaster: false,
    scope: null,
    to: null,
    label: null,
    flags: {},
  };
  while (words.more) readFilterWord(words, filter);
  return filter;
}

/** Words with a value. */
const VALUES: Readonly<Record<string, (filter: Draft, text: string) => void>> = {
  type: (filter, text) => { filter.kind = text; },
  group: (filter, text) => { filter.group = String(readGroup(text)); },
  master: (filter, text) => { filter.master = text; },
  scope: (filter, text) => { filter.scope = scope(text); },
  to: (filter, text) => { filter.to = readPrefix(text); },
  label: (filter, text) => { filter.label = text; },
}; // biome-ignore format: a table

function readFilterWord(words: WordList, filter: Draft): void {
  const word = words.take();
  const flag = flagOf(word);
  if (word === 'up') filter.up = true;
  else if (word === 'nomaster') filter.nomaster = true;
  else if (flag !== null) filter.flags = { ...filter.flags, [flag.name]: flag.set };
  else if (Object.hasOwn(VALUES, word)) VALUES[word]!(filter, words.take());
  else if (filter.dev === null) filter.dev = word === 'dev' ? words.take() : word;
  else throw garbage(word === 'dev' ? words.take() : word);
}

const FLAGS = ['secondary', 'temporary', 'nodad', 'optimistic', 'dadfailed', 'home', 'deprecated', 'tentative', 'dynamic', 'mngtmpaddr', 'noprefixroute', 'autojoin', 'stable-privacy']; // biome-ignore format: one line of text
/** Names for what an address is not. */
const OPPOSITES: Readonly<Record<string, string>> = { primary: 'secondary', permanent: 'dynamic' };

/** A dash in front asks for the opposite. cf. iproute2 ip/ipaddress.c: ifa_flag_names */
function flagOf(word: string): { name: string; set: boolean } | null {
  const name = word.replace(/^-/, '');
  const known = OPPOSITES[name] ?? name;
  return FLAGS.includes(known) ? { name: known, set: word.startsWith('-') === name in OPPOSITES } : null;
}

/** By name or by number. cf. iproute2 lib/rt_names.c: rtnl_rtscope_a2n */
const SCOPES: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' }; // biome-ignore format: one line of text

function scope(word: string): string | null {
  if (word === 'all') return null;
  if (Object.values(SCOPES).includes(word)) return word;
  const number = /^(\d{1,3}|0x[\da-f]{1,2})$/i.test(word) ? Number(word) : 256;
  if (number > 255) throw wrongArgument(word, 'invalid "scope"');
  return SCOPES[number] ?? String(number);
}
