/** The parts of an `etherloom up`: control and switch in this process, the nodes as children; up and down in order. */
import { type RunningControl, startControl } from '@etherloom/control';
import type { Lab } from '@etherloom/schema';
import { type RunningSwitch, startSwitch } from '@etherloom/switch';
import { cleanStaleNetns } from '@etherloom/tap';
import type { Logger } from 'pino';
import { childArguments } from '../heap-growth.ts';
import type { Tls } from '../tls-files.ts';
import { kernelNodes } from './kernel-check.ts';
import { ChildLauncher } from './node-launcher.ts';

export interface UpOptions {
  readonly lab: Lab;
  readonly host: string;
  readonly controlPort: number;
  readonly switchPort: number;
  readonly token: string | undefined;
  readonly insecure: boolean;
  readonly tls: Tls | undefined;
  /** The file of `tls.cert`, which the children are to trust. */
  readonly tlsCert: string | undefined;
  readonly stateFile: string | undefined;
  readonly nodesPerProcess: number | 'auto';
  readonly workers?: number | undefined;
  /** Driver files by node. */
  readonly drivers: ReadonlyMap<string, string>;
  /** False: they run unchecked. */
  readonly checker: boolean;
  /** Hears of each rule that the driver of a node breaks. */
  readonly onBroken: (node: string, what: string) => void;
  readonly logLevel: string;
  readonly log: Logger;
}

export class RunningUp {
  readonly url: string;
  readonly dataUrl: string;
  readonly #control: RunningControl;
  readonly #switch: RunningSwitch;
  readonly #launcher: ChildLauncher;
  readonly #native: boolean;

  private constructor(
    control: RunningControl,
    running: RunningSwitch,
    launcher: ChildLauncher,
    native: boolean,
  ) {
    this.url = control.url;
    this.dataUrl = running.url;
    this.#control = control;
    this.#switch = running;
    this.#launcher = launcher;
    this.#native = native;
  }

  /** Leaves nothing behind when it throws. */
  static async start(options: UpOptions): Promise<RunningUp> {
    const { lab, host, token, insecure, tls, log, logLevel, nodesPerProcess } = options;
    const native = kernelNodes(lab).length > 0;
    if (native) cleanStaleNetns();
    const door = { host, token, insecure, tls, log };
    const shared = { token, tlsCa: options.tlsCert, nodesPerProcess, logLevel, log };
    const { drivers, checker, onBroken } = options;
    const launcher = new ChildLauncher({ ...shared, drivers, checker, onBroken });
    const control = await startControl({
      ...door,
      port: options.controlPort,
      lab,
      launcher,
      stateFile: options.stateFile,
      moveWith: '--control-port',
    });
    try {
      const dialling = { controlUrl: control.url, controlToken: token, ca: tls?.cert };
      const cores = { workers: options.workers, workerArgv: childArguments() };
      const port = options.switchPort;
      const running = await startSwitch({ ...door, ...dialling, ...cores, port, moveWith: '--switch-port' });
      launcher.open();
      return new RunningUp(control, running, launcher, native);
    } catch (error) {
      launcher.cancel();
      await control.close();
      throw error;
    }
  }

  /** Resolves once the lab has converged; `fn` hears what it waits for, now and at each change. */
  async converged(fn: (waiting: readonly string[]) => void): Promise<void> {
    const leave = this.#control.watch(fn);
    await this.#control.converged().finally(leave);
  }

  /** No process, no interface and no namespace is left. */
  async close(): Promise<void> {
    await this.#launcher.stopAll();
    await this.#switch.close();
    await this.#control.close();
    if (this.#native) cleanStaleNetns();
  }

  /** By force: the kernel takes the interfaces away with their processes. */
  async kill(): Promise<void> {
    await this.#launcher.killAll();
    if (this.#native) cleanStaleNetns();
  }
}
