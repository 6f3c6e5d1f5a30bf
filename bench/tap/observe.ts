/** What it cost, and what crossed, while something was measured on a cable. */
import { cpuSeconds } from '../process-time.ts';
import type { Cable } from '../rivals/cable.ts';
import { type Counters, type InterfaceCounters, interfaceCounters, since } from './interface-counters.ts';
import { type MachineTime, machineTime } from './machine-time.ts';

export interface Observed {
  readonly wallSeconds: number;
  /** Of the cable's own processes, by name. */
  readonly cpu: ReadonlyMap<string, number>;
  /** Of the whole machine: these processes, both kernels' ends, the generator and whoever else was there. */
  readonly busySeconds: number;
  /** Share of the machine that the hypervisor gave to others. */
  readonly steal: number;
  /** a to b, and b to a. */
  readonly forward: Way;
  readonly reverse: Way;
}

/** One direction of a cable: what Linux sent into it at one end, and what it got out of it at the other. */
export interface Way {
  readonly into: Counters;
  readonly out: Counters;
}

interface Moment {
  readonly at: number;
  readonly machine: MachineTime;
  readonly cpu: ReadonlyMap<string, number>;
  readonly a: InterfaceCounters;
  readonly b: InterfaceCounters;
}

async function moment(cable: Cable): Promise<Moment> {
  return {
    a: await interfaceCounters(cable.a),
    b: await interfaceCounters(cable.b),
    cpu: new Map(cable.running().map(({ name, pid }) => [name, cpuSeconds(pid)])),
    machine: machineTime(),
    at: performance.now(),
  };
}

export async function observe<T>(
  cable: Cable,
  work: () => Promise<T>,
): Promise<{ value: T; observed: Observed }> {
  const before = await moment(cable);
  const value = await work();
  const after = await moment(cable);
  return { value, observed: between(before, after) };
}

function between(before: Moment, after: Moment): Observed {
  const total = after.machine.total - before.machine.total;
  return {
    wallSeconds: (after.at - before.at) / 1000,
    cpu: new Map([...after.cpu].map(([name, seconds]) => [name, seconds - (before.cpu.get(name) ?? 0)])),
    busySeconds: after.machine.busy - before.machine.busy,
    steal: total > 0 ? (after.machine.steal - before.machine.steal) / total : 0,
    forward: { into: since(after.a.tx, before.a.tx), out: since(after.b.rx, before.b.rx) },
    reverse: { into: since(after.b.tx, before.b.tx), out: since(after.a.rx, before.a.rx) },
  };
}

/** CPU-seconds of all processes of the cable. */
export function ownSeconds({ cpu }: Observed): number {
  return [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0);
}

/** The direction that carried more: the data's, where the other one has acknowledgements. */
export function dataWay({ forward, reverse }: Observed): Way {
  return forward.out.bytes >= reverse.out.bytes ? forward : reverse;
}
