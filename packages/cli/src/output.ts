/** Everything this command writes: results to stdout, progress and errors to stderr. */
import process from 'node:process';

/** Writes a result; a line break is added where it has none. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Where progress goes, as far as it is used. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY'> & {
  /** Of a terminal, where it tells. */
  readonly columns?: number;
  write(text: string): unknown;
};

/** Off a terminal, milliseconds from a line to the next; from one to the next after it twice that, and so on. */
const FIRST_PAUSE = 2_000;

/** Progress of a long wait: one line that changes in place on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #shown = '';
  #pause = FIRST_PAUSE;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(stream: ProgressStream = process.stderr, now = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    if (this.#stream.isTTY) this.#stream.write(`\r\u001b[K${this.#cut(text)}`);
    else if (!this.#line(text)) return;
    this.#shown = text;
  }

  /** Takes the changing line away, so that what follows starts on a clean one. */
  clear(): void {
    if (this.#shown !== '' && this.#stream.isTTY) this.#stream.write('\r\u001b[K');
    this.#shown = '';
  }

  /** A line that wraps could not be taken back: only its last row would be. */
  #cut(text: string): string {
    const room = (this.#stream.columns ?? 0) - 1;
    return room < 1 || text.length <= room
      ? text
      : `${text.slice(0, Math.max(0, room - 3))}...`.slice(0, room);
  }

  /** False when the last line is too fresh for another. */
  #line(text: string): boolean {
    const now = this.#now();
    if (now < this.#quietUntil) return false;
    this.#stream.write(`${text}\n`);
    this.#quietUntil = now + this.#pause;
    this.#pause *= 2;
    return true;
  }
}
