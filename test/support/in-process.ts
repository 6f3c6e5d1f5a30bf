/** Control, switch and nodes in this process, joined by real sockets: a lab that is there in no time and dies with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningControl, startControl } from '@etherloom/control';
import { type RunningNode, startNode } from '@etherloom/node';
import { type RunningSwitch, startSwitch } from '@etherloom/switch';
import { pino } from 'pino';
import { type Rest, restOf } from './rest.ts';
import { until } from './until.ts';

const log = pino({ level: 'silent' });

export class InProcessLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'etherloom-lab-'));
  readonly #nodes = new Map<string, RunningNode>();
  #control!: RunningControl;
  #switch!: RunningSwitch;
  rest!: Rest;

  /** Starts what the lab names; each node in the namespace that `netns` says for it, if any. */
  static async start(lab: { nodes: object }, netns: Record<string, string> = {}): Promise<InProcessLab> {
    const it = new InProcessLab();
    try {
      await it.#start(lab, netns);
    } catch (error) {
      await it.stop();
      throw error;
    }
    return it;
  }

  startNode(name: string, netns?: string): void {
    this.#nodes.set(name, startNode({ name, netns, controlUrl: this.#control.url, log }));
  }

  /** Everything of the node is gone, and made again from the lab. */
  async restartNode(name: string, netns?: string): Promise<void> {
    this.#nodes.get(name)?.close();
    await this.#gone(name);
    this.startNode(name, netns);
    await this.converged();
  }

  /** On the same port, from the state file. */
  async restartControl(): Promise<void> {
    const port = Number(new URL(this.#control.url).port);
    await this.#control.close();
    await this.#startControl(port);
    await this.converged();
  }

  converged(): Promise<void> {
    return this.#control.converged(AbortSignal.timeout(60_000));
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) node.close();
    await this.#switch?.close();
    await this.#control?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(lab: { nodes: object }, netns: Record<string, string>): Promise<void> {
    await this.#startControl(0);
    this.#switch = await startSwitch({ log, port: 0, controlUrl: this.#control.url, workers: 1 });
    for (const name of Object.keys(lab.nodes)) this.startNode(name, netns[name]);
    const { status, body } = await this.rest('PUT', '/v1/lab', lab);
    if (status !== 200) throw new Error(`the lab was refused: ${body.detail}`);
    await this.converged();
  }

  async #startControl(port: number): Promise<void> {
    this.#control = await startControl({ log, port, stateFile: join(this.#folder, 'state') });
    this.rest = restOf(this.#control.url);
  }

  async #gone(name: string): Promise<void> {
    await until(`${name} is gone`, async () => !(await this.rest('GET', `/v1/nodes/${name}`)).body.connected);
  }
}
