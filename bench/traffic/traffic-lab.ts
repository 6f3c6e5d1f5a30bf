/**
 * A lab of traffic nodes on one LAN, over real WebSockets: `etherloom control` and `etherloom switch` as users run them
 * (the built command), and processes that host nodes with a generator and a counter each (bare devices, no stack).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { command, freePort, Program } from '../../test/support/program.ts';
import { type Rest, restOf } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';
import { cpuSeconds } from '../process-time.ts';
import { type Account, unaccounted } from '../report/trial.ts';
import { macOf } from './flow.ts';
import { accountOf, type Totals, totalsOf } from './totals.ts';
import { TrafficNode, TrafficProcess } from './traffic-process.ts';

export interface TrafficLabOptions {
  /** A folder that somebody else removes. */
  readonly folder: string;
  /** Nodes by process: each list is a process of its own. */
  readonly processes: readonly (readonly string[])[];
  /** Settings of the links, by node: MTU, impairments. */
  readonly links?: Readonly<Record<string, object>>;
  /** Which nodes send a first frame, so that the switch knows where they are. Default: all. */
  readonly introduce?: readonly string[];
  /** LANs by node, where there is more than one; `--workers` of the switch. */
  readonly lanOf?: Readonly<Record<string, string>>;
  readonly workers?: number;
  /** Seconds until it has converged. */
  readonly patience?: number;
}

export class TrafficLab {
  readonly rest: Rest;
  /** ws://127.0.0.1:PORT of control. */
  readonly control: string;
  /** ws://127.0.0.1:PORT of the switch. */
  readonly switchUrl: string;
  readonly nodes: readonly TrafficNode[];
  readonly processes: readonly TrafficProcess[];
  readonly #programs: readonly Program[];
  #switchIds: readonly number[] = [];

  /** Started, converged, and every address learnt. */
  static async start(options: TrafficLabOptions): Promise<TrafficLab> {
    const file = join(options.folder, 'lab.json');
    writeFileSync(file, JSON.stringify(labOf(options)));
    const port = String(await freePort());
    const switchPort = String(await freePort());
    const lab = new TrafficLab(options, file, port, switchPort);
    try {
      const ready = async () => (await lab.rest('GET', '/readyz')).status === 200;
      await until('the lab converges', ready, options.patience ?? 30);
      lab.#switchIds = lab.#programs[1]!.processes();
      await lab.#introduce(options.introduce ?? options.processes.flat());
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  private constructor(
    { processes, workers }: TrafficLabOptions,
    file: string,
    port: string,
    switchPort: string,
  ) {
    this.switchUrl = `ws://127.0.0.1:${switchPort}`;
    this.control = `ws://127.0.0.1:${port}`;
    this.rest = restOf(`http://127.0.0.1:${port}`);
    const start = (...args: string[]) => new Program(process.execPath, [command, ...args]);
    this.#programs = [
      start('control', '--port', port, '--lab', file),
      start('switch', '--port', switchPort, '--control', this.control, ...workersFlag(workers)),
    ];
    this.processes = processes.map((names) => new TrafficProcess(names, this.control));
    let no = 0;
    this.nodes = processes.flatMap((names, i) =>
      names.map((name) => new TrafficNode(name, macOf(++no), this.processes[i]!)),
    );
  }

  node(name: string): TrafficNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`the lab has no node ${name}`);
    return found;
  }

  /** Of the switch and every process it has started, user and system. */
  get switchCpuSeconds(): number {
    return this.#switchIds.reduce((sum, id) => sum + cpuSeconds(id), 0);
  }

  /** The switch's processes, the one that listens first. */
  get switchProcesses(): readonly number[] {
    const first = this.#programs[1]!.child.pid!;
    return [first, ...this.#switchIds.filter((id) => id !== first)];
  }

  async totals(): Promise<Totals> {
    const reports = await Promise.all(this.nodes.map((node) => node.report()));
    return totalsOf(
      this.rest,
      this.nodes.map(({ name }) => name),
      reports,
    );
  }

  /**
   * Once all is at rest: where every frame went that was sent since `before`. A frame is to arrive `copies` times, and
   * `more` of them besides.
   */
  async account(
    what: string,
    before: Totals,
    { copies = 1, more = 0 }: { copies?: number; more?: number } = {},
  ): Promise<{ account: Account; after: Totals }> {
    const deadline = performance.now() + 8000;
    for (;;) {
      const after = await this.totals();
      const counted = accountOf(what, before, after, copies);
      const account = { ...counted, expected: counted.expected + more };
      const settled = unaccounted(account) === 0 && after.held === 0;
      if (settled || performance.now() > deadline) return { account, after };
      await delay(50);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.close()));
    for (const program of [...this.#programs].reverse()) await program.stop('SIGTERM').catch(() => {});
  }

  /** A frame from each, so that the switch knows where everybody is. Ends at rest. */
  async #introduce(names: readonly string[]): Promise<void> {
    const frame = { dsts: [macOf(0xffff)], sizes: [64], rate: null, count: 1 };
    for (const name of names) await this.node(name).start(frame);
    let before = await this.totals();
    await until('the introductions are over', async () => {
      const now = await this.totals();
      const same = now.received === before.received && now.sent === names.length && now.held === 0;
      before = now;
      return same;
    });
  }
}

const workersFlag = (workers: number | undefined): string[] =>
  workers === undefined ? [] : ['--workers', String(workers)];

function labOf({ processes, links = {}, lanOf = {} }: TrafficLabOptions): object {
  const names = processes.flat();
  const lan = (name: string) => lanOf[name] ?? 'wire';
  const node = (name: string, no: number) => [
    name,
    { stack: 'none', devices: { eth0: { mac: macOf(no + 1) } } },
  ];
  return {
    name: 'bench',
    nodes: Object.fromEntries(names.map(node)),
    lans: Object.fromEntries(names.map((name) => [lan(name), {}])),
    links: names.map((name) => ({ name, endpoints: [`${name}:eth0`, `lan:${lan(name)}`], ...links[name] })),
  };
}
