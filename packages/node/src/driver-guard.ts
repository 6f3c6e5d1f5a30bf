/**
 * What a driver does to the whole process: exceptions that nobody catches, in a promise or in a timer of Node's, and
 * process.exit(). Exceptions of ours end the process as they would without a driver.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { placeOf } from '@etherloom/driver-lab';

export interface DriverGuardOptions {
  readonly file: string;
  isDriver(place: string): boolean;
  isOurs(place: string): boolean;
  /** What of the driver runs now. */
  running(): string | null;
  /** Hears of an exception of the driver's. */
  onStray(thrown: unknown): void;
}

export class DriverGuard {
  readonly #options: DriverGuardOptions;
  readonly #caught = (thrown: unknown) => this.#judge(thrown);
  readonly #exit = () => this.#leaving();

  constructor(options: DriverGuardOptions) {
    this.#options = options;
    process.on('uncaughtException', this.#caught);
    process.on('unhandledRejection', this.#caught);
    process.on('exit', this.#exit);
  }

  close(): void {
    process.off('uncaughtException', this.#caught);
    process.off('unhandledRejection', this.#caught);
    process.off('exit', this.#exit);
  }

  /** What leads through no file of ours and was caught by nobody is the driver's, even without any place. */
  #judge(thrown: unknown): void {
    const { isDriver, isOurs, onStray } = this.#options;
    if (placeOf(thrown, isDriver) !== null || placeOf(thrown, isOurs) === null) {
      onStray(thrown);
      return;
    }
    this.close();
    throw thrown;
  }

  #leaving(): void {
    const op = this.#options.running();
    if (op === null) return;
    process.exitCode = 1;
    tellFatal(
      `--driver ${this.#options.file}: ${op} ends the process: a kernel would be gone; throw an error instead`,
    );
  }
}

/** The last words of a process: a line, or a line of a log where the process that started this one reads one. */
export function tellFatal(msg: string): void {
  const line = process.connected ? JSON.stringify({ level: 60, time: Date.now(), msg }) : `etherloom: ${msg}`;
  writeSync(2, `${line}\n`);
}
