/** The filter of `etherloom trace`, in the words of tcpdump: `icmp and host 10.0.0.2 on h1:eth0`. */
import type { TraceRequest } from '@etherloom/schema';
import { mistake } from './mistakes.ts';
import { WordList } from './word-list.ts';

export type TraceFilterWords = NonNullable<{
  -readonly [K in keyof TraceRequest['filter']]: TraceRequest['filter'][K];
}>;

const PROTOCOLS: Readonly<Record<string, TraceRequest['filter']['proto']>> = {
  arp: 'arp',
  icmp: 'icmp',
  icmp6: 'icmpv6',
  icmpv6: 'icmpv6',
  tcp: 'tcp',
  udp: 'udp',
};
const GRAMMAR = '[arp|icmp|icmp6|tcp|udp] [host A] [src A] [dst A] [port N] [ether host MAC] [on NODE[:DEV]]';
/** tcpdump's exit code for a filter that makes no sense. */
const SENSELESS = 1;

export function readTraceWords(given: readonly string[]): TraceFilterWords {
  const words = new WordList(given.flatMap((word) => word.split(/\s+/)).filter((word) => word !== ''));
  const filter: TraceFilterWords = {};
  while (words.more) {
    const word = words.take();
    if (word === 'and' || word === '&&') continue;
    readOne(filter, word, words);
  }
  return filter;
}

function readOne(filter: TraceFilterWords, word: string, words: WordList): void {
  const proto = Object.hasOwn(PROTOCOLS, word) ? PROTOCOLS[word] : undefined;
  if (proto !== undefined) once(filter, 'proto', proto);
  else if (word === 'host') once(filter, 'host', value(word, words));
  else if (word === 'src' || word === 'dst') once(filter, word, address(word, words));
  else if (word === 'port') once(filter, 'port', port(value(word, words)));
  else if (word === 'ether') once(filter, 'ether', etherHost(words));
  else if (word === 'on') place(filter, value(word, words));
  else throw refuse(`"${word}" is no word of a filter`);
}

/** tcpdump allows `src host A` too. */
function address(word: string, words: WordList): string {
  if (words.peek === 'host') words.take();
  return value(word, words);
}

function etherHost(words: WordList): string {
  if (words.peek !== 'host') throw refuse('behind "ether" comes "host MAC"');
  words.take();
  return value('ether host', words);
}

function once<K extends keyof TraceFilterWords>(
  filter: TraceFilterWords,
  key: K,
  said: TraceFilterWords[K],
): void {
  if (filter[key] !== undefined) throw refuse(`"${key}" is said twice; what is said must all be so`);
  filter[key] = said;
}

function value(word: string, words: WordList): string {
  if (words.more) return words.take();
  throw refuse(`a value is missing behind "${word}"`);
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw refuse(`"${text}" is no port: 0 to 65535`);
}

function place(filter: TraceFilterWords, text: string): void {
  const [node = '', device, more] = text.split(':');
  if (node === '' || device === '' || more !== undefined) throw refuse(`"${text}" is no NODE or NODE:DEV`);
  once(filter, 'node', node);
  if (device !== undefined) once(filter, 'device', device);
}

function refuse(why: string): Error {
  return mistake(`etherloom trace: ${why}; a filter is ${GRAMMAR}`, SENSELESS);
}
