/** A lab brought up by `etherloom up`, as a user would. */
import process from 'node:process';
import { command, etherloom, type Finished, Program } from './program.ts';
import { type Rest, restOf } from './rest.ts';
import { until } from './until.ts';

export interface Up {
  program: Program;
  url: string;
  /** The data WebSocket of its switch. */
  dataUrl: string;
  rest: Rest;
  cli(...args: string[]): Promise<Finished>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** What it says once the lab has converged. */
const READY = /^Ready\.\n {2}REST +(\S+)\/v1\/lab\n.*\n {2}switch +(\S+)$/m;
const PORTS = ['--control-port', '0', '--switch-port', '0'];

/** Brings `file` up on ports that are free and waits until it says that it is ready. */
export async function up(file: string, args: readonly string[] = [], seconds = 60): Promise<Up> {
  const program = new Program(process.execPath, [command, 'up', file, ...PORTS, ...args]);
  const { child } = program;
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await until('the lab converges', () => READY.test(program.output) || ended(), seconds).catch(() => {});
  const [, url, dataUrl] = READY.exec(program.output) ?? [];
  if (url === undefined || dataUrl === undefined) {
    await program.stop('SIGKILL').catch(() => {});
    throw new Error(`etherloom up ${file} did not get ready:\n${program.output}`);
  }
  return {
    program,
    url,
    dataUrl,
    rest: restOf(url),
    cli: (...words) => etherloom(words, { env: { ETHERLOOM_CONTROL: url } }),
    stop: (signal) => program.stop(signal),
  };
}
