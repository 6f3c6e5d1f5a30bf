/** The options in front of the words of ip and tc: -j, -p, -d, -s, -br, -o, -c, -h, -b FILE, -n NODE ... cf. iproute2 ip/ip.c, tc/tc.c: main */
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
  color: 'always' | 'auto' | 'never';
  /** Counters in thousands and millions; with `iec` in multiples of 1024. */
  human: boolean;
  iec: boolean;
  /** A file of lines to run; `force` goes on behind one that fails. */
  batch: string | null;
  force: boolean;
  /** Asked for instead of anything else. */
  instead: 'help' | 'version' | null;
}

type Set = (options: ToolOptions, words: WordList) => void;
type Flag = readonly [name: string, set: Set];
type Switch = 'json' | 'pretty' | 'details' | 'brief' | 'oneline' | 'human' | 'iec' | 'force';

const on = (name: string, key: Switch): Flag => [name, (options) => { options[key] = true; }]; // biome-ignore format: one thought
const more = (name: string): Flag => [name, (options) => { options.stats++; }]; // biome-ignore format: one thought
const node: Flag = ['netns', (options, words) => { options.node = words.take(); }]; // biome-ignore format: one thought
const batch: Flag = ['batch', (options, words) => { options.batch = words.take(); }]; // biome-ignore format: one thought
const family = (name: string, value: Family): Flag => [name, (options) => { options.family = value; }]; // biome-ignore format: one thought
const instead = (name: string, what: 'help' | 'version'): Flag => [name, (options) => { options.instead = what; }]; // biome-ignore format: one thought
/** Taken, and without effect on anything there is here. */
const idle = (name: string): Flag => [name, () => {}];
const idleValue = (name: string): Flag => [name, (_options, words) => void words.take()];
/** What a lab cannot do, and why. */
const refused = (name: string, why: string): Flag => [name, () => { throw mistake(`Option "-${name}" is not supported: ${why}.`); }]; // biome-ignore format: one thought

/** Long names may be cut short, and of several that fit the first is meant, as in iproute2: -b is a batch, -br is brief. */
const FLAGS: Readonly<Record<'ip' | 'tc', readonly Flag[]>> = {
  ip: [
    idleValue('loops'), ['family', readFamily], family('4', 'inet'), family('6', 'inet6'), family('0', 'link'),
    on('human', 'human'), on('human-readable', 'human'), on('iec', 'iec'), more('stats'), more('statistics'),
    on('details', 'details'), refused('resolve', 'addresses are shown as they are'), on('oneline', 'oneline'),
    idle('timestamp'), idle('tshort'), instead('Version', 'version'), on('force', 'force'), batch, on('brief', 'brief'),
    on('json', 'json'), on('pretty', 'pretty'), idleValue('rcvbuf'), instead('help', 'help'), node,
    refused('Numeric', 'groups and scopes are shown by name'), idle('all'),
  ],
  tc: [
    more('stats'), more('statistics'), on('details', 'details'), refused('raw', 'handles are shown as tc writes them'),
    on('pretty', 'pretty'), idle('graph'), instead('Version', 'version'),
    refused('iec', 'rates are shown in thousands'), instead('help', 'help'), on('force', 'force'), batch, node, idle('Numeric'),
    idle('names'), idle('nm'), idleValue('conf'), idleValue('cf'), idle('timestamp'), idle('tshort'), on('json', 'json'),
    on('oneline', 'oneline'), idle('brief'),
  ],
}; // biome-ignore format: a table

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
    color: 'never',
    human: false,
    iec: false,
    batch: null,
    force: false,
    instead: null,
  };
  while (words.peek?.startsWith('-')) {
    const written = words.take();
    if (written === '--') break;
    readFlag(tool, written, options, words);
  }
  return options;
}

/** One dash or two: scripts have either. */
function readFlag(tool: 'ip' | 'tc', written: string, options: ToolOptions, words: WordList): void {
  const name = written.replace(/^--?/, '');
  if (readColor(name, options)) return;
  const flag = FLAGS[tool].find(([known]) => isCut(name, known));
  if (flag === undefined) throw mistake(`Option "${written}" is unknown, try "etherloom ${tool} --help".`);
  flag[1](options, words);
}

/** -c, -color=auto; -c alone means that it is wanted wherever the text goes. cf. iproute2 lib/color.c: matches_color */
function readColor(name: string, options: ToolOptions): boolean {
  const [option, when = 'always'] = name.split('=', 2) as [string, string?];
  const known = (['always', 'auto', 'never'] as const).find((each) => each === when);
  if (!isCut(option, 'color') || known === undefined) return false;
  options.color = known;
  return true;
}

function readFamily(options: ToolOptions, words: WordList): void {
  const word = words.take();
  if (word !== 'inet' && word !== 'inet6' && word !== 'link')
    throw mistake(`Error: argument "${word}" is wrong: invalid protocol family`);
  options.family = word;
}
