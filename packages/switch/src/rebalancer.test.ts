import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { Rebalancer } from './rebalancer.ts';
import type { Shard } from './shard.ts';
import type { UnitLoad } from './unit-state.ts';

const log = { debug() {}, info() {}, warn() {} };

/** A worker whose units forward so many frames a second, at 1 us of CPU a frame. */
class BusyShard implements Pick<Shard, 'worker' | 'load'> {
  readonly worker: number;
  readonly rates = new Map<string, number>();
  readonly frames = new Map<string, number>();
  stays = false;
  #cpu = 0;

  constructor(worker: number, rates: Record<string, number>) {
    this.worker = worker;
    for (const [key, rate] of Object.entries(rates)) this.rates.set(key, rate);
  }

  work(seconds: number): void {
    for (const [key, rate] of this.rates) {
      this.frames.set(key, (this.frames.get(key) ?? 0) + rate * seconds);
      this.#cpu += (rate * seconds) / 1e6;
    }
  }

  async load() {
    const units = [...this.rates.keys()].map((key): UnitLoad => {
      return { key, frames: this.frames.get(key) ?? 0, stays: this.stays };
    });
    return { cpu: this.#cpu, units };
  }
}

async function watch(shards: BusyShard[], seconds: number): Promise<string[]> {
  const host = new VirtualHost(1);
  const moves: string[] = [];
  const moveUnit = async (key: string, to: number) => {
    moves.push(`${key}>${to}`);
    const from = shards.find((shard) => shard.rates.has(key))!;
    shards[to]!.rates.set(key, from.rates.get(key)!);
    shards[to]!.frames.set(key, from.frames.get(key)!);
    from.rates.delete(key);
  };
  const rebalancer = new Rebalancer({ shards: shards as never, moveUnit }, host, log);
  for (let second = 0; second < seconds; second++) {
    for (const shard of shards) shard.work(1);
    host.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  rebalancer.stop();
  return moves;
}

test('of two busy LANs on one worker one moves to the idle worker, and then there is rest', async () => {
  const shards = [new BusyShard(0, { a: 500_000, b: 480_000 }), new BusyShard(1, {})];
  expect(await watch(shards, 60)).toEqual(['a>1']);
});

test('a load that changes is followed', async () => {
  const shards = [new BusyShard(0, { a: 400_000, b: 50_000 }), new BusyShard(1, { c: 100_000, d: 1000 })];
  expect(await watch(shards, 20)).toEqual([]);
  shards[0]!.rates.set('b', 500_000);
  expect(await watch(shards, 60)).toEqual(['a>1']);
});

test('LANs that are not to be moved stay, and a single busy LAN has nowhere better to go', async () => {
  const settled = new BusyShard(0, { a: 500_000, b: 480_000 });
  settled.stays = true;
  expect(await watch([settled, new BusyShard(1, {})], 60)).toEqual([]);
  expect(await watch([new BusyShard(0, { a: 990_000, b: 0 }), new BusyShard(1, {})], 60)).toEqual([]);
});
