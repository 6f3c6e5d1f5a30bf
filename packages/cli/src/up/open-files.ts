/** Whether this process may open as many sockets as the lab takes, asked before anything is started. */
import { readFileSync } from 'node:fs';
import type { Lab } from '@etherloom/schema';
import { CliError } from '../cli-error.ts';

/** Node.js itself, the log, what serves REST. */
const BASE = 100;
/** A child's output, errors and IPC channel; and it, while it starts. */
const PER_CHILD = 4;
/** The rule of `auto` leaves no more than this many processes for nodes that can share. */
const MOST_CHILDREN_OF_AUTO = 16;

/** Sockets of agents and of devices, both of which end in this process, and the pipes to its children. */
export function openFilesFor(lab: Lab, nodesPerProcess: number | 'auto'): number {
  const nodes = Object.values(lab.nodes);
  const devices = nodes.reduce((sum, node) => sum + Object.keys(node.devices).length, 0);
  const alone = nodes.filter(({ stack }) => stack === 'kernel').length;
  const sharing = nodes.length - alone;
  const hosts =
    nodesPerProcess === 'auto'
      ? Math.max(Math.min(sharing, MOST_CHILDREN_OF_AUTO), Math.ceil(sharing / 50))
      : Math.ceil(sharing / nodesPerProcess);
  return BASE + nodes.length + devices + PER_CHILD * (alone + hosts);
}

/** Throws, saying how many and how to allow them. */
export function checkOpenFiles(
  lab: Lab,
  file: string,
  nodesPerProcess: number | 'auto',
  limit = ourLimit(),
): void {
  const needed = openFilesFor(lab, nodesPerProcess);
  if (needed <= limit) return;
  const size = `${Object.keys(lab.nodes).length} nodes take about ${needed} open files in this process`;
  throw new CliError(
    `${file}: ${size}, and the limit is ${limit}: raise it with "ulimit -n ${2 * needed}" first`,
  );
}

/** Node.js raises the soft limit to the hard one by itself. Where there is no /proc nothing is known. */
function ourLimit(): number {
  try {
    const line = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
