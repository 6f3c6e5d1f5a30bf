/** Keeps as many node processes as the lab has nodes, where control starts them (`etherloom up`). */
import type { Lab, Stack } from '@etherloom/schema';
import { errorText } from './control-error.ts';
import type { NodeLauncher } from './launcher.ts';
import type { Log } from './log.ts';
import { Serial } from './serial.ts';

export class NodeFleet {
  /** Called when a node has been started, or could not be. */
  onchange: () => void = () => {};
  /** Called when a node's process has ended because it was asked to. */
  onended: (name: string) => void = () => {};
  controlUrl = '';
  readonly #launcher: NodeLauncher | null;
  readonly #log: Log;
  readonly #running = new Map<string, Stack>();
  readonly #problems = new Map<string, string>();
  readonly #syncs = new Serial();

  constructor(launcher: NodeLauncher | null, log: Log) {
    this.#launcher = launcher;
    this.#log = log;
  }

  /** Why a node of the lab does not run; null when it does, or when others start it. */
  problem(name: string): string | null {
    return this.#problems.get(name) ?? null;
  }

  /** Ends the nodes the lab no longer has and starts those it has now. Resolves when all have been tried. */
  sync(lab: Lab | null): Promise<void> {
    if (this.#launcher === null) return Promise.resolve();
    const launcher = this.#launcher;
    return this.#syncs.run(() => this.#sync(launcher, lab));
  }

  /** Ends the nodes that `lab` has with another stack: their process is not the one to bring it up. */
  retire(lab: Lab | null): Promise<void> {
    if (this.#launcher === null) return Promise.resolve();
    const launcher = this.#launcher;
    return this.#syncs.run(async () => {
      const changed = [...this.#running].filter(
        ([name, stack]) => (lab?.nodes[name]?.stack ?? stack) !== stack,
      );
      await Promise.all(changed.map(([name]) => this.#stop(launcher, name)));
    });
  }

  async #sync(launcher: NodeLauncher, lab: Lab | null): Promise<void> {
    const wanted = new Map(Object.entries(lab?.nodes ?? {}).map(([name, { stack }]) => [name, stack]));
    for (const name of this.#problems.keys()) if (!wanted.has(name)) this.#problems.delete(name);
    const gone = [...this.#running].filter(([name, stack]) => wanted.get(name) !== stack);
    await Promise.all(gone.map(([name]) => this.#stop(launcher, name)));
    const missing = [...wanted].filter(([name]) => !this.#running.has(name));
    await Promise.all(missing.map(([name, stack]) => this.#launch(launcher, name, stack)));
    this.onchange();
  }

  async #launch(launcher: NodeLauncher, name: string, stack: Stack): Promise<void> {
    try {
      await launcher.launch({ name, stack, controlUrl: this.controlUrl });
      this.#running.set(name, stack);
      this.#problems.delete(name);
    } catch (error) {
      this.#problems.set(name, errorText(error));
      this.#log.error({ node: name, err: error }, 'node could not be started');
    }
  }

  async #stop(launcher: NodeLauncher, name: string): Promise<void> {
    this.#running.delete(name);
    await launcher.stop(name).catch((error: unknown) => {
      this.#log.error({ node: name, err: error }, 'node could not be stopped');
    });
    this.onended(name);
  }
}
