/** Reads the words of `ip` as iproute2 does: options in front, an object, a command, arguments. cf. iproute2 ip/ip.c */
import type { DevicePatch } from '@etherloom/schema';
import { CliError } from './cli-error.ts';

export interface IpOptions {
  json: boolean;
  pretty: boolean;
  details: boolean;
  brief: boolean;
  stats: number;
  /** The node: iproute2's -n NETNS. */
  node: string | null;
}

export type IpCommand =
  | { readonly what: 'show'; readonly dev: string | null; readonly up: boolean; readonly kind: string | null }
  | { readonly what: 'set'; readonly dev: string; readonly patch: DevicePatch }
  | { readonly what: 'help' };

export interface IpWords {
  readonly options: IpOptions;
  readonly command: IpCommand;
}

/** Long names may be cut short, as in iproute2: -js, -stat, -det. */
const FLAGS: readonly (readonly [name: string, set: (options: IpOptions) => void])[] = [
  ['json', (options) => { options.json = true; }],
  ['pretty', (options) => { options.pretty = true; }],
  ['details', (options) => { options.details = true; }],
  ['statistics', (options) => { options.stats++; }],
  ['stats', (options) => { options.stats++; }],
  ['brief', (options) => { options.brief = true; }],
]; // biome-ignore format: a table

export function readIpWords(words: readonly string[]): IpWords {
  const options: IpOptions = {
    json: false,
    pretty: false,
    details: false,
    brief: false,
    stats: 0,
    node: null,
  };
  let at = 0;
  for (; words[at]?.startsWith('-'); at++) {
    const flag = words[at]!.replace(/^--?/, '');
    if (isCut(flag, 'netns')) options.node = wordAfter(words, at++, 'netns');
    else readFlag(flag, words[at]!, options);
  }
  return { options, command: readObject(words.slice(at)) };
}

function readFlag(flag: string, written: string, options: IpOptions): void {
  const found = flag === 'br' ? 'brief' : flag;
  const entry = FLAGS.find(([name]) => isCut(found, name));
  if (entry === undefined) throw usage(`Option "${written}" is unknown, try "etherloom ip --help".`);
  entry[1](options);
}

/** Why the lengths: iproute2 takes any beginning of a name. */
function isCut(text: string, name: string): boolean {
  return text !== '' && name.startsWith(text);
}

function readObject([object = 'link', ...words]: readonly string[]): IpCommand {
  if (object === 'help') return { what: 'help' };
  if (!isCut(object, 'link')) throw usage(`Object "${object}" is unknown, try "etherloom ip --help".`);
  const [verb = 'show', ...rest] = words;
  if (isCut(verb, 'show') || isCut(verb, 'list') || verb === 'lst') return readShow(rest);
  if (isCut(verb, 'set')) return readSet(rest);
  if (verb === 'help') return { what: 'help' };
  throw usage(`Command "${verb}" is unknown, try "etherloom ip --help".`);
}

function readShow(words: readonly string[]): IpCommand {
  let dev: string | null = null;
  let up = false;
  let kind: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 'up') up = true;
    else if (word === 'type') kind = wordAfter(words, i++, 'type');
    else if (dev === null) dev = word === 'dev' ? wordAfter(words, i++, 'dev') : word;
    else throw usage(`Error: either "dev" is duplicate, or "${word}" is a garbage.`);
  }
  return { what: 'show', dev, up, kind };
}

type Setter = (value: string, patch: DevicePatch) => void;

const SETTERS: Readonly<Record<string, Setter>> = {
  mtu: (text, patch) => { patch.mtu = wholeNumber(text, 'mtu'); },
  address: (text, patch) => { patch.address = text; },
  txqueuelen: (text, patch) => { patch.txqlen = wholeNumber(text, 'txqueuelen'); },
  promisc: (text, patch) => { patch.promisc = onOff(text, 'promisc'); },
  carrier: (text, patch) => { patch.carrier = onOff(text, 'carrier'); },
  alias: (text, patch) => { patch.ifalias = text; },
}; // biome-ignore format: a table

const SYNONYMS: Readonly<Record<string, string>> = {
  qlen: 'txqueuelen',
  txqlen: 'txqueuelen',
  addr: 'address',
};

function readSet(words: readonly string[]): IpCommand {
  const patch: DevicePatch = {};
  let dev: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const setter = SETTERS[SYNONYMS[word] ?? word];
    if (word === 'up' || word === 'down') patch.up = word === 'up';
    else if (setter !== undefined) setter(wordAfter(words, i++, word), patch);
    else if (dev === null) dev = word === 'dev' ? wordAfter(words, i++, 'dev') : word;
    else throw usage(`Error: either "dev" is duplicate, or "${word}" is a garbage.`);
  }
  if (dev === null) throw usage('Not enough information: "dev" argument is required.');
  return { what: 'set', dev, patch };
}

function wordAfter(words: readonly string[], at: number, what: string): string {
  const word = words[at + 1];
  if (word === undefined) throw usage(`Command line is not complete: "${what}" wants a value.`);
  return word;
}

function wholeNumber(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usage(`Error: argument "${text}" is wrong: Invalid "${what}" value`);
}

function onOff(text: string, what: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw usage(`Error: argument of "${what}" must be one of "on off", not "${text}"`);
}

function usage(text: string): CliError {
  return new CliError(text);
}
