/**
 * A lab of the same size out of the kernel's own: a namespace, a veth pair and an address a node, and a bridge, by
 * `ip -batch` as a script would. No control that could change it, no links with settings, no processes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Skip } from '../report/trial.ts';
import { must, works } from '../rivals/bed.ts';
import { lacking } from '../rivals/rival.ts';
import { address } from './big-lab.ts';

/** With the process id of this bench, as every namespace of ours: what a killed run leaves is found by it. */
const nameOf = (host: string) => `elb${process.pid}-lab-${host}`;

interface Lines {
  readonly namespaces: string[];
  readonly bridge: string[];
  readonly hosts: { readonly netns: string; readonly lines: readonly string[] }[];
  readonly end: string[];
}

/** What is said to `ip`, in four steps. */
export function kernelLabLines(nodes: number): Lines {
  const numbers = Array.from({ length: nodes }, (_, i) => i + 1);
  const all = ['net', ...numbers.map((n) => `h${n}`)].map(nameOf);
  return {
    namespaces: all.map((name) => `netns add ${name}`),
    bridge: [
      'link add br0 up type bridge',
      ...numbers.flatMap((n) => [
        `link add p${n} type veth peer name eth0 netns ${nameOf(`h${n}`)}`,
        `link set p${n} master br0 up`,
      ]),
    ],
    hosts: numbers.map((n) => ({
      netns: nameOf(`h${n}`),
      lines: ['link set lo up', `addr add ${address(n)}/16 dev eth0`, 'link set eth0 up'],
    })),
    end: all.map((name) => `netns del ${name}`),
  };
}

const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;

async function make({ namespaces, bridge, hosts }: Lines, folder: string): Promise<void> {
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const script = hosts.map(({ netns, lines }) => `ip -n ${netns} -batch - <<E\n${text(lines)}E\n`).join('');
  const files = [file('namespaces', text(namespaces)), file('bridge', text(bridge)), file('hosts', script)];
  await must('ip', '-batch', files[0]!);
  await must('ip', '-n', nameOf('net'), '-batch', files[1]!);
  await must('sh', '-e', files[2]!);
}

/** Why this machine cannot make one; null when it can. */
export function kernelLabMissing(): Skip | null {
  const what = "the kernel's own lab";
  if (process.getuid?.() !== 0) return { what, why: 'network namespaces need root', remedy: 'run as root' };
  return lacking(what, 'iproute2', 'ip') ?? lacking(what, 'iputils-ping', 'ping');
}

/** Seconds until the last node is reached from the first one. */
export async function kernelLabSeconds(nodes: number, folder: string): Promise<number> {
  const lines = kernelLabLines(nodes);
  writeFileSync(join(folder, 'end'), text(lines.end));
  try {
    const from = performance.now();
    await make(lines, folder);
    const reached = ['ping', '-c1', '-W2', address(nodes)];
    if (!(await works('ip', 'netns', 'exec', nameOf('h1'), ...reached)))
      throw new Error(`kernel bridge: h1 does not reach h${nodes}`);
    return (performance.now() - from) / 1000;
  } finally {
    await works('ip', '-force', '-batch', join(folder, 'end'));
  }
}
