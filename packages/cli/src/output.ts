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

/** Progress of a long wait: one line that changes in place on a terminal, a line per change elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #shown = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    this.#shown = text;
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Takes the changing line away, so that what follows starts on a clean one. */
  clear(): void {
    if (this.#shown !== '' && this.#stream.isTTY) this.#stream.write('\r\u001b[K');
    this.#shown = '';
  }
}
