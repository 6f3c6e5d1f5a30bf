/** Runs `etherloom up`: checks, starts, says what it waits for and what to try, and takes it all down again. */
import process from 'node:process';
import type { Lab, SettingsOf, Stack } from '@etherloom/schema';
import { messageOf } from '../cli-error.ts';
import { gatherOverview, gatherStatus } from '../commands/status.ts';
import { openConnection } from '../connect.ts';
import { progressText } from '../converge.ts';
import { readLabFile } from '../lab-file.ts';
import { createLog } from '../log.ts';
import { Progress, print, printError } from '../output.ts';
import { readTls, type Tls } from '../tls-files.ts';
import { untilSignal } from '../until-signal.ts';
import { BrokenDrivers } from './broken-drivers.ts';
import { checkDrivers } from './driver-check.ts';
import { checkKernelNodes } from './kernel-check.ts';
import { checkOpenFiles } from './open-files.ts';
import { RunningUp } from './running-up.ts';
import { forgetRunning, noteRunning } from './runtime-file.ts';
import { MANY_NODES, readySummary } from './summary.ts';

export interface UpCommandOptions extends SettingsOf<'up'> {
  /** False: drivers run unchecked. */
  readonly checker: boolean;
}

export async function up(file: string, given: UpCommandOptions): Promise<void> {
  const lab = withStack(readLabFile(file), given.stack);
  checkKernelNodes(lab, file);
  checkOpenFiles(lab, file, given.nodesPerProcess);
  await checkDrivers(lab, given.driver, file);
  const tls = readTls(given);
  const progress = new Progress();
  progress.show(`Starting lab ${lab.name} ...`);
  const log = createLog({ level: given.logLevel, text: true, before: () => progress.clear() });
  const broken = new BrokenDrivers(given.driver);
  const onBroken = (node: string, what: string) => broken.add(node, what);
  const options = { ...given, drivers: given.driver, onBroken, lab, tls, stateFile: given.state, log };
  let running: RunningUp | null = null;
  const force = async () => {
    await running?.kill();
    process.exit(1);
  };
  const ended = untilSignal(() => void force());
  running = await RunningUp.start({ ...options, tlsCert: given.tlsCert, token: given.token });
  const port = Number(new URL(running.url).port);
  noteRunning(port, { url: running.url, file });
  void announce(running, given.token, tls, progress);
  await ended;
  progress.clear();
  printError('Taking the lab down ...');
  await running.close();
  forgetRunning(port);
  broken.tell();
}

/** Says what the lab waits for, then that it is ready. */
async function announce(
  running: RunningUp,
  token: string | undefined,
  tls: Tls | undefined,
  progress: Progress,
) {
  try {
    const connection = openConnection(running.url, token, tls?.cert);
    await running.converged((waiting) => {
      // What control advises on starting agents is not for a lab whose agents we start.
      if (waiting.length > 0) progress.show(progressText(waiting).replace(/: start [^(]*/, ' '));
    });
    progress.clear();
    const { nodes } = await connection.client.getLab();
    const gather = Object.keys(nodes).length > MANY_NODES ? gatherOverview : gatherStatus;
    print(readySummary({ ...(await gather(connection)), dataUrl: running.dataUrl }));
  } catch (error) {
    printError(`etherloom: the lab runs, but its state cannot be shown: ${messageOf(error)}`);
  }
}

function withStack(lab: Lab, stack: Stack | undefined): Lab {
  if (stack === undefined) return lab;
  const nodes = Object.entries(lab.nodes).map(([name, node]) => [name, { ...node, stack }] as const);
  return { ...lab, nodes: Object.fromEntries(nodes) };
}
