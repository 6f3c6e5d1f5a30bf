/** A process of the demonstration as its parent has it: orders out, answers in, and its end whatever happens. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.ts';
import type { Look, Order, Reply } from './words.ts';

/** Source runs source, and the build the build. */
const PROGRAM = fileURLToPath(new URL(`./end-process${import.meta.url.slice(-3)}`, import.meta.url));
const ANSWER_WITHIN_MS = 10_000;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class EndHandle {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(name: string) {
    this.#name = name;
    this.#process = fork(PROGRAM, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', (reply: Reply) => this.#answered(reply));
    this.#process.on('exit', () => this.#fail(`the ${name} process ended`));
    this.#process.on('error', (error) => this.#fail(`the ${name} process: ${error.message}`));
  }

  ask(order: Order): Promise<Reply> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(`the ${this.#name} process is silent`), ANSWER_WITHIN_MS);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.#waiting.delete(id);
          then(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (this.#process.connected) this.#process.send({ id, order });
      else this.#fail(`the ${this.#name} process is gone`);
    });
  }

  async look(): Promise<Look> {
    return (await this.ask({ do: 'look' })).look!;
  }

  close(): void {
    if (this.#process.connected) this.#process.disconnect();
    this.#process.kill('SIGKILL'); // it may be busy offering frames, and has nothing to save
  }

  #answered(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new CliError(`bench napi: ${this.#name}: ${reply.error}`));
  }

  #fail(text: string): void {
    for (const { reject } of [...this.#waiting.values()]) reject(new CliError(`bench napi: ${text}`));
  }
}
