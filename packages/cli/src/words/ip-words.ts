/** Reads the words of `ip` as iproute2 does: options in front, an object, a command, arguments. cf. iproute2 ip/ip.c */
import { type AddrCommand, readAddrWords } from './ip-addr-words.ts';
import { type LinkCommand, readLinkWords } from './ip-link-words.ts';
import { type NeighCommand, readNeighWords } from './ip-neigh-words.ts';
import { mistake } from './mistakes.ts';
import { readToolOptions, type ToolOptions } from './tool-options.ts';
import { isCut, WordList } from './word-list.ts';

export type IpCommand = LinkCommand | AddrCommand | NeighCommand | { readonly what: 'help' };

export interface IpWords {
  readonly options: ToolOptions;
  readonly command: IpCommand;
}

/** In iproute2's order: `a` is address, `l` link, `n` neighbour. */
const OBJECTS: readonly (readonly [name: string, read: (words: WordList) => IpCommand])[] = [
  ['address', readAddrWords],
  ['link', readLinkWords],
  ['neighbour', readNeighWords],
  ['neighbor', readNeighWords],
];

export function readIpWords(line: readonly string[]): IpWords {
  const words = new WordList(line);
  const options = readToolOptions('ip', words);
  return { options, command: readObject(words) };
}

function readObject(words: WordList): IpCommand {
  if (!words.more) return readLinkWords(words);
  const object = words.take();
  const entry = OBJECTS.find(([name]) => isCut(object, name));
  if (entry !== undefined) return entry[1](words);
  if (object === 'help') return { what: 'help' };
  throw mistake(`Object "${object}" is unknown, try "etherloom ip --help".`, 1);
}
