/** The words of a command line, read from left to right. cf. iproute2 NEXT_ARG, matches */
import { incomplete } from './mistakes.ts';

export class WordList {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** The word that comes next; undefined at the end. */
  get peek(): string | undefined {
    return this.#words[this.#at];
  }

  get more(): boolean {
    return this.#at < this.#words.length;
  }

  /** Takes the next word; a line that ends too early is a mistake. */
  take(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw incomplete();
    return word;
  }

  /** Takes the next word when it looks right: an optional value. */
  takeIf(fits: (word: string) => boolean): string | null {
    const word = this.peek;
    if (word === undefined || !fits(word)) return null;
    this.#at++;
    return word;
  }

  rest(): string[] {
    const rest = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return rest;
  }
}

/** iproute2 takes any beginning of a name: `l` is `link`. */
export function isCut(text: string, name: string): boolean {
  return text !== '' && name.startsWith(text);
}

/** The first of these that the text begins. */
export function firstCut(text: string, names: readonly string[]): string | null {
  return names.find((name) => isCut(text, name)) ?? null;
}

/** An optional number behind a word. */
export const isNumber = (word: string): boolean => /^\d/.test(word);
export const isSignedNumber = (word: string): boolean => /^[-\d]/.test(word);
