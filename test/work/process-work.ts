/** What processes have done so far: system calls that read or write, from /proc, and bytes allocated, from heap-meter.mjs. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { until } from '../support/until.ts';

const METER = new URL('heap-meter.mjs', import.meta.url).href;

export interface Work {
  readonly syscalls: number;
  /** On the heap; what lies outside, as the bytes of buffers, is not in it. */
  readonly allocated: number;
}

/** Has every process that is started with its `env` count. */
export class WorkMeter {
  readonly #folder = mkdtempSync(join(tmpdir(), 'etherloom-work-'));
  #asked = 0;
  readonly #syscalls = new Map<number, number>();

  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import ${METER}`, ETHERLOOM_HEAP_METER: this.#folder };
  }

  /** What the processes of each place have done since this was asked before; always ask for the same. */
  async read<Place extends string>(places: Record<Place, readonly number[]>): Promise<Record<Place, Work>> {
    const n = this.#asked++;
    const file = (id: number) => join(this.#folder, `${id}.${n}`);
    const ids = Object.values<readonly number[]>(places).flat();
    for (const id of ids) process.kill(id, 'SIGUSR2');
    await until('the heap meters have told', () => ids.every((id) => existsSync(file(id))));
    const work = (id: number): Work => ({
      syscalls: this.#syscallsSince(id),
      allocated: Number(readFileSync(file(id), 'utf8')),
    });
    const entries = Object.entries<readonly number[]>(places).map(([place, of]) => [
      place,
      sum(of.map(work)),
    ]);
    return Object.fromEntries(entries);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #syscallsSince(id: number): number {
    const io = readFileSync(`/proc/${id}/io`, 'latin1');
    const total = count(io, 'syscr') + count(io, 'syscw');
    const before = this.#syscalls.get(id) ?? 0;
    this.#syscalls.set(id, total);
    return total - before;
  }
}

function count(io: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
}

function sum(works: readonly Work[]): Work {
  const of = (what: keyof Work) => works.reduce((total, work) => total + work[what], 0);
  return { syscalls: of('syscalls'), allocated: of('allocated') };
}
