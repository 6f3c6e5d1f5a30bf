/** The processes that came of this one: what an interrupted trial leaves behind. */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** Process ids by parent, from /proc/PID/stat. */
export function descendants(of: number, parents: ReadonlyMap<number, number>): number[] {
  const children = [...parents].filter(([, parent]) => parent === of).map(([id]) => id);
  return children.flatMap((id) => [id, ...descendants(id, parents)]);
}

/** Ends them all at once; for when nobody waits for them any more. */
export function killDescendants(): void {
  for (const id of descendants(process.pid, readParents())) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // has ended meanwhile
    }
  }
}

function readParents(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // has ended meanwhile
    }
  }
  return parents;
}
