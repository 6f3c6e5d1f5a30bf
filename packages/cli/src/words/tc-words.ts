/** Reads the words of `tc` as iproute2 does. cf. iproute2 tc/tc.c: main, tc/tc_qdisc.c: do_qdisc */
import { duplicate, mistake, wrongArgument } from './mistakes.ts';
import type { QdiscOptions } from './qdisc-options.ts';
import { readQdiscOptions } from './qdisc-words.ts';
import { readToolOptions, type ToolOptions } from './tool-options.ts';
import { isCut, WordList } from './word-list.ts';

export interface QdiscPlace {
  readonly dev: string | null;
  /** `root`, a class as `1:2`, or null. */
  readonly parent: string | null;
  /** As `1:`. */
  readonly handle: string | null;
}

export type TcCommand =
  | ({ readonly what: 'show' } & QdiscPlace)
  | ({
      readonly what: 'modify';
      readonly mode: 'add' | 'change' | 'replace' | 'del';
      readonly kind: string | null;
      readonly options: QdiscOptions;
    } & QdiscPlace)
  | { readonly what: 'help' };

export interface TcWords {
  readonly options: ToolOptions;
  readonly command: TcCommand;
}

type Draft = { -readonly [K in keyof QdiscPlace]: QdiscPlace[K] };

export function readTcWords(line: readonly string[]): TcWords {
  const words = new WordList(line);
  const options = readToolOptions('tc', words);
  return { options, command: readTcCommand(words) };
}

/** Object, command and arguments: also a line of a batch. */
export function readTcCommand(words: WordList): TcCommand {
  if (!words.more) return { what: 'help' };
  const object = words.take();
  if (isCut(object, 'qdisc')) return readVerb(words);
  if (isCut(object, 'help')) return { what: 'help' };
  if (['class', 'filter', 'chain', 'action', 'monitor', 'exec'].some((name) => isCut(object, name)))
    throw mistake(
      `Object "${object}" is not supported: here is qdisc; what hangs in a class is shown with its parent.`,
    );
  throw mistake(`Object "${object}" is unknown, try "etherloom tc --help".`);
}

function readVerb(words: WordList): TcCommand {
  if (!words.more) return readShow(words);
  const verb = words.take();
  if (isCut(verb, 'list') || isCut(verb, 'show') || isCut(verb, 'lst')) return readShow(words);
  const mode = (['add', 'change', 'replace', 'delete', 'link'] as const).find((name) => isCut(verb, name));
  if (mode === 'link') throw mistake('"tc qdisc link" is not supported: use replace');
  if (mode !== undefined) return readModify(mode === 'delete' ? 'del' : mode, words);
  if (isCut(verb, 'help')) return { what: 'help' };
  throw mistake(`Command "${verb}" is unknown, try "etherloom tc qdisc help".`);
}

function readShow(words: WordList): TcCommand {
  const place: Draft = { dev: null, parent: null, handle: null };
  while (words.more) {
    const word = words.take();
    if (word === 'dev') place.dev = words.take();
    else if (word === 'invisible') continue;
    else if (['root', 'ingress', 'clsact'].includes(word)) setFilter(place, 'parent', word, word);
    else if (isCut(word, 'parent')) setFilter(place, 'parent', words.take(), word);
    else if (isCut(word, 'handle')) setFilter(place, 'handle', handleOf(words.take(), 'invalid handle ID'), word);
    else if (isCut(word, 'help')) return { what: 'help' };
    else throw mistake(`What is "${word}"? Try "tc qdisc help".`);
  } // biome-ignore format: a table
  return { what: 'show', ...place };
}

function setFilter(place: Draft, key: 'parent' | 'handle', value: string, word: string): void {
  if (place.parent !== null) throw wrongArgument(word, 'parent is already specified');
  if (place.handle !== null) throw wrongArgument(word, 'handle is already specified');
  if (key === 'handle') place.handle = value;
  else if (word === value) place.parent = value;
  else place.parent = parentOf(value);
}

function readModify(mode: 'add' | 'change' | 'replace' | 'del', words: WordList): TcCommand {
  const place: Draft = { dev: null, parent: null, handle: null };
  while (words.more) {
    const word = words.take();
    if (isCut(word, 'help')) return { what: 'help' };
    if (readPlace(word, words, place)) continue;
    return { what: 'modify', mode, ...place, kind: word, options: readQdiscOptions(word, words) };
  }
  return { what: 'modify', mode, ...place, kind: null, options: {} };
}

/** False: the word is no place, so it is the kind. */
function readPlace(word: string, words: WordList, place: Draft): boolean {
  if (word === 'dev') place.dev = onlyOnce('dev', place.dev, words.take());
  else if (word === 'handle') {
    if (place.handle !== null) throw duplicate('handle', word);
    place.handle = handleOf(words.take(), 'invalid qdisc ID');
  } else if (word === 'root') {
    if (place.parent !== null) throw mistake('Error: "root" is duplicate parent ID');
    place.parent = 'root';
  } else if (word === 'parent') {
    const text = words.take();
    if (place.parent !== null) throw duplicate('parent', text);
    place.parent = parentOf(text);
  } else if (['ingress', 'clsact', 'estimator', 'stab', 'ingress_block', 'egress_block'].includes(word))
    throw mistake(`"${word}" is not supported: qdiscs of a lab are on the way out`);
  else return false;
  return true;
}

function onlyOnce(key: string, before: string | null, value: string): string {
  if (before !== null) throw duplicate(key, value);
  return value;
}

/** `1`, `1:` and `ffff:` are handles, in hexadecimal. */
function handleOf(text: string, why: string): string {
  const found = /^(?:0x)?([\da-f]+)(:.*)?$/i.exec(text);
  const major = Number.parseInt(found?.[1] ?? 'x', 16);
  if (text === 'none') return '0:';
  if (!(major < 0x1_0000)) throw wrongArgument(text, why);
  return `${major.toString(16)}:`;
}

/** "none" is no parent, as if the word were not there. */
function parentOf(text: string): string | null {
  return text === 'none' ? null : classid(text);
}

/** `1:2`, `:2`, `1:`, in hexadecimal with or without 0x; a number alone is both parts in one; `root` as tc takes it. */
function classid(text: string): string {
  if (text === 'root') return 'root';
  const whole = /^(?:0x)?([\da-f]{1,8})$/i.exec(text);
  const found = whole === null ? CLASSID.exec(text) : /(.*)(.{4})$/.exec(whole[1]!.padStart(8, '0'));
  if (found === null) throw wrongArgument(text, 'invalid parent ID');
  const [major, minor] = [found[1]!, found[2]!].map((part) => (part === '' ? 0 : Number.parseInt(part, 16)));
  return `${major!.toString(16)}:${minor!.toString(16)}`;
}

const CLASSID = /^(?:0x)?([\da-f]{0,4}):(?:0x)?([\da-f]{0,4})$/i;
