/**
 * What one cable is laid in: network namespaces and a folder of its own, and the programs that run in them. All of it
 * ends with `close()`; the programs also end when the bench does, however that ends (PR_SET_PDEATHSIG). Names carry the
 * bench's process id, so two benches do not meet, and what one that was killed has left is swept away by the next.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cleanStaleNetns } from '@etherloom/tap';
import { Program, run } from '../../test/support/program.ts';
import { until } from '../../test/support/until.ts';

const NETNS_FOLDER = '/run/netns';
const PREFIX = 'elb';
/** Of what carries the id of a bench's process. */
const OURS = /^(?:elb|etherloom-bench-)(\d+)-/;

/** Namespaces of this process that exist now. */
const made = new Set<string>();

export interface Running {
  /** What the report calls it: 'vde_plug2tap'. */
  readonly name: string;
  readonly pid: number;
}

export class Bed {
  /** A folder for sockets and settings. Short: a UNIX socket's path has 107 bytes at most. */
  readonly folder: string;
  readonly #id: string;
  readonly #programs: { name: string; program: Program }[] = [];
  readonly #netns: string[] = [];
  readonly #endings: (() => Promise<unknown>)[] = [];

  /** `id`: of the cable. */
  constructor(id: string) {
    this.#id = id;
    this.folder = mkdtempSync(join(tmpdir(), `${this.nameOf('')}-`));
  }

  /** The name a namespace of this cable has; it need not exist. */
  nameOf(host: string): string {
    return `${PREFIX}${process.pid}-${this.#id}-${host}`;
  }

  /** A new namespace with `lo` up. */
  async netns(host: string): Promise<string> {
    const name = this.nameOf(host);
    await must('ip', 'netns', 'add', name);
    this.#netns.push(name);
    remember(name);
    await must('ip', '-n', name, 'link', 'set', 'lo', 'up');
    return name;
  }

  /** A program that runs until the end, in `netns` or, when null, where the bench runs. */
  start(name: string, netns: string | null, words: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    const inside = netns === null ? [] : ['ip', 'netns', 'exec', netns];
    // Standard input stays open: vde_switch ends when it does.
    const [file, ...args] = [...inside, ...words];
    const program = new Program(file!, args, env, 'pipe');
    this.#programs.push({ name, program });
    return program;
  }

  /** Runs `ending` at the end, before all that was there earlier is ended. */
  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.push(ending);
  }

  /** Waits for an interface; says what the programs wrote when it does not come. */
  async interface(netns: string, dev: string): Promise<void> {
    await this.wait(`${dev} in ${netns}`, () => works('ip', '-n', netns, 'link', 'show', dev));
  }

  async wait(what: string, ask: () => Promise<boolean>, seconds = 10): Promise<void> {
    const alive = async (): Promise<boolean> => {
      if (await ask()) return true;
      const ended = this.#programs.find(({ program }) => program.child.exitCode !== null);
      if (ended !== undefined) throw new Error(`${ended.name} has ended`);
      return false;
    };
    await until(what, alive, seconds).catch((error: unknown) => {
      const said = this.#programs.map(({ name, program }) => `${name}: ${program.output.slice(-500)}`);
      throw new Error(`${error instanceof Error ? error.message : error}\n${said.join('\n')}`, {
        cause: error,
      });
    });
  }

  get running(): readonly Running[] {
    return this.#programs.flatMap(({ name, program: { child } }) =>
      child.pid === undefined || child.exitCode !== null ? [] : [{ name, pid: child.pid }],
    );
  }

  /** Ends everything, whatever of it fails; the first failure is thrown at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => failures.push(error));
    for (const ending of this.#endings.splice(0).reverse()) await attempt(ending());
    for (const { program } of this.#programs.splice(0).reverse()) await attempt(program.stop('SIGTERM', 10));
    for (const name of this.#netns.splice(0)) {
      made.delete(name);
      await attempt(must('ip', 'netns', 'del', name));
    }
    rmSync(this.folder, { recursive: true, force: true });
    if (failures.length > 0) throw failures[0];
  }
}

export async function works(file: string, ...args: string[]): Promise<boolean> {
  return (await run(file, args)).code === 0;
}

/** Runs a program to its end; its standard output. Throws with what it said when it fails. */
export async function must(file: string, ...args: string[]): Promise<string> {
  const done = await run(file, args);
  if (done.code !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.stderr || done.stdout}`);
  return done.stdout;
}

/** Removes what killed runs have left: namespaces of benches and labs, and folders. */
export function sweep(): void {
  cleanStaleNetns();
  for (const name of orphans(NETNS_FOLDER)) spawnSync('ip', ['netns', 'del', name]);
  for (const name of orphans(tmpdir())) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

function orphans(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => {
    const [, pid] = OURS.exec(name) ?? [];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}

/** A signal that ends the bench takes its namespaces along. */
function remember(name: string): void {
  if (made.size === 0) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, endAtOnce);
  made.add(name);
}

function endAtOnce(signal: NodeJS.Signals): void {
  for (const name of made) spawnSync('ip', ['netns', 'del', name]);
  process.kill(process.pid, signal);
}
