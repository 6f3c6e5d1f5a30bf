/** A lab brought up by `etherloom up`, as a user would. */
import process from 'node:process';
import { command, etherloom, type Finished, freePort, Program } from './program.ts';
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

/** Brings `file` up on free ports and waits until /readyz says that the lab has converged. */
export async function up(file: string, args: readonly string[] = [], seconds = 30): Promise<Up> {
  const controlPort = await freePort();
  const switchPort = await freePort();
  const ports = ['--control-port', String(controlPort), '--switch-port', String(switchPort)];
  const program = new Program(process.execPath, [command, 'up', file, ...ports, ...args]);
  const url = `http://127.0.0.1:${controlPort}`;
  const rest = restOf(url);
  try {
    await until(
      'the lab converges',
      async () => {
        if (program.child.exitCode !== null) throw new Error(`ended with ${program.child.exitCode}`);
        const { status, body } = await rest('GET', '/readyz');
        if (status !== 200) throw new Error(body.detail);
        return true;
      },
      seconds,
    );
  } catch (error) {
    await program.stop('SIGKILL').catch(() => {});
    throw new Error(`etherloom up ${file} did not get ready:\n${program.output}`, { cause: error });
  }
  return {
    program,
    url,
    dataUrl: `ws://127.0.0.1:${switchPort}/v1/data`,
    rest,
    cli: (...words) => etherloom(words, { env: { ETHERLOOM_CONTROL: url } }),
    stop: (signal) => program.stop(signal),
  };
}
