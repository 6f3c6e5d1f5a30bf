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

type Reader = (words: WordList) => IpCommand;

/** In iproute2's order: `a` is address, `l` link, `n` neighbour, `r` route. */
const OBJECTS: readonly (readonly [name: string, read: Reader])[] = [
  ['address', readAddrWords],
  ...missing('addrlabel', 'maddress', 'route', 'rule'),
  ['neighbor', readNeighWords],
  ['neighbour', readNeighWords],
  ...missing('ntable', 'ntbl'),
  ['link', readLinkWords],
  ...missing('l2tp', 'fou', 'ila', 'macsec', 'tunnel', 'tunl', 'tuntap', 'tap', 'token', 'tcpmetrics', 'tcp_metrics'),
  ['monitor', noMonitor],
  ...missing('xfrm', 'mroute', 'mrule', 'netns', 'netconf', 'vrf', 'sr', 'nexthop', 'mptcp', 'ioam'),
  ['help', () => ({ what: 'help' })],
  ...missing('stats'),
]; // biome-ignore format: a table

export function readIpWords(line: readonly string[]): IpWords {
  const words = new WordList(line);
  const options = readToolOptions('ip', words);
  return { options, command: readIpCommand(words) };
}

/** Object, command and arguments: also a line of a batch. */
export function readIpCommand(words: WordList): IpCommand {
  if (!words.more) return readLinkWords(words);
  const object = words.take();
  const entry = OBJECTS.find(([name]) => isCut(object, name));
  if (entry === undefined) throw mistake(`Object "${object}" is unknown, try "etherloom ip --help".`, 1);
  return entry[1](words);
}

function missing(...names: string[]): [string, Reader][] {
  return names.map((name) => [
    name,
    () => {
      throw mistake(
        `Object "${name}" is not supported: here are link, address and neigh. ` +
          `On a node with Linux interfaces: etherloom exec NODE -- ip ${name}`,
        1,
      );
    },
  ]);
}

function noMonitor(): never {
  throw mistake(
    'Object "monitor" is not supported: nothing tells changes as they come; look again, as with watch(1). ' +
      'On a node with Linux interfaces: etherloom exec NODE -- ip monitor',
    1,
  );
}
