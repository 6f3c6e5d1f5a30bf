/** The options in front of the words of ip and tc: -j, -p, -d, -s, -br, -o, -n NODE, -4, -6. cf. iproute2 ip/ip.c: main */
import { mistake } from './mistakes.ts';
import { isCut, type WordList } from './word-list.ts';

export type Family = 'inet' | 'inet6' | 'link' | null;

export interface ToolOptions {
  json: boolean;
  pretty: boolean;
  details: boolean;
  brief: boolean;
  oneline: boolean;
  /** How many times -s was given. */
  stats: number;
  family: Family;
  /** The node: iproute2's -n NETNS. */
  node: string | null;
}

type Set = (options: ToolOptions, words: WordList) => void;

/** Long names may be cut short, as in iproute2: -js, -stat, -det. */
const FLAGS: readonly (readonly [name: string, set: Set])[] = [
  ['json', (options) => { options.json = true; }],
  ['pretty', (options) => { options.pretty = true; }],
  ['details', (options) => { options.details = true; }],
  ['statistics', (options) => { options.stats++; }],
  ['stats', (options) => { options.stats++; }],
  ['brief', (options) => { options.brief = true; }],
  ['oneline', (options) => { options.oneline = true; }],
  ['netns', (options, words) => { options.node = words.take(); }],
  ['4', (options) => { options.family = 'inet'; }],
  ['6', (options) => { options.family = 'inet6'; }],
  ['0', (options) => { options.family = 'link'; }],
  ['family', (options, words) => { options.family = readFamily(words.take()); }],
]; // biome-ignore format: a table

/** What a lab cannot do, and why. */
const REFUSED_FLAGS: readonly (readonly [name: string, why: string])[] = [
  ['color', 'this output has no colours; leave it out'],
  ['batch', 'there is no batch mode; run one command at a time'],
  ['all', 'without -n every node is asked'],
]; // biome-ignore format: a table

export function readToolOptions(tool: 'ip' | 'tc', words: WordList): ToolOptions {
  const options: ToolOptions = {
    json: false,
    pretty: false,
    details: false,
    brief: false,
    oneline: false,
    stats: 0,
    family: null,
    node: null,
  };
  for (let word = words.peek; word?.startsWith('-'); word = words.peek) {
    readFlag(tool, words.take(), options, words);
  }
  return options;
}

function readFlag(tool: string, written: string, options: ToolOptions, words: WordList): void {
  const flag = written.replace(/^--?/, '');
  const name = flag === 'br' ? 'brief' : flag;
  const entry = FLAGS.find(([known]) => isCut(name, known));
  if (entry !== undefined) {
    entry[1](options, words);
    return;
  }
  const [plain] = flag.split('=', 1);
  const refused = REFUSED_FLAGS.find(([known]) => isCut(plain!, known));
  if (refused !== undefined) throw mistake(`Option "${written}" is not supported: ${refused[1]}.`);
  throw mistake(`Option "${written}" is unknown, try "etherloom ${tool} --help".`);
}

function readFamily(word: string): Family {
  if (word === 'inet' || word === 'inet6' || word === 'link') return word;
  throw mistake(`Error: argument "${word}" is wrong: invalid protocol family`);
}
