/** Reads the words behind `ip neighbour show`. cf. iproute2 ip/ipneigh.c: do_show_or_flush */
import { duplicate, mistake, wrongArgument } from './mistakes.ts';
import { readPrefix } from './prefix-word.ts';
import { readUnsigned } from './tc-units.ts';
import { firstCut, type WordList } from './word-list.ts';

export interface NeighFilter {
  readonly dev: string | null;
  /** The neighbour's address, or a prefix it lies in. */
  readonly to: string | null;
  /** States that are shown; empty: all but NOARP. */
  readonly nud: readonly string[];
  /** Those alone that nobody holds. */
  readonly unused: boolean;
  /** Those alone that are answered for; a node of a lab answers for itself only. */
  readonly proxy: boolean;
  readonly master: string | null;
}

export type NeighCommand =
  | { readonly what: 'neighbours'; readonly filter: NeighFilter }
  | { readonly what: 'help' };

/** In iproute2's order. */
const VERBS = ['add', 'change', 'chg', 'replace', 'delete', 'get', 'show', 'lst', 'list', 'flush', 'help'];

export function readNeighWords(words: WordList): NeighCommand {
  const given = words.more ? words.take() : 'show';
  const verb = firstCut(given, VERBS);
  if (verb === null) throw mistake(`Command "${given}" is unknown, try "etherloom ip neigh help".`);
  if (verb === 'help') return { what: 'help' };
  if (verb === 'show' || verb === 'list' || verb === 'lst') return { what: 'neighbours', filter: readFilter(words) };
  throw mistake(`"ip neigh ${verb}" is not supported: a node learns its neighbours itself.`);
} // biome-ignore format: a decision a line

type Draft = { -readonly [K in keyof NeighFilter]: NeighFilter[K] };

function readFilter(words: WordList): NeighFilter {
  const filter: Draft = { dev: null, to: null, nud: [], unused: false, proxy: false, master: null };
  while (words.more) readFilterWord(words, filter);
  return filter;
}

function readFilterWord(words: WordList, filter: Draft): void {
  const word = words.take();
  if (word === 'dev') filter.dev = onlyOnce(filter.dev, words.take());
  else if (word === 'nud') filter.nud = [...filter.nud, ...states(words.take())];
  else if (word === 'unused') filter.unused = true;
  else if (word === 'proxy') filter.proxy = true;
  else if (word === 'master') filter.master = words.take();
  else if (word === 'vrf') throw wrongArgument(words.take(), 'Not a valid VRF name');
  else if (word !== 'nomaster') filter.to = readPrefix(word === 'to' ? words.take() : word);
}

function onlyOnce(before: string | null, dev: string): string {
  if (before !== null) throw duplicate('dev', dev);
  return dev;
}

/** The kernel's bits. cf. include/uapi/linux/neighbour.h */
const NUD: Readonly<Record<string, number>> = {
  INCOMPLETE: 0x01, REACHABLE: 0x02, STALE: 0x04, DELAY: 0x08, PROBE: 0x10, FAILED: 0x20, NOARP: 0x40, PERMANENT: 0x80, NONE: 0,
}; // biome-ignore format: a table

/** A name, "all", or a mask of the kernel's bits. */
function states(word: string): string[] {
  const name = word.toUpperCase();
  if (word === name.toLowerCase() && (name === 'ALL' || Object.hasOwn(NUD, name))) return [name];
  const mask = readUnsigned(word);
  if (mask === null || mask > 0xff) throw wrongArgument(word, 'nud state is bad');
  return mask === 0 ? ['NONE'] : Object.keys(NUD).filter((each) => (NUD[each]! & mask) !== 0);
}
