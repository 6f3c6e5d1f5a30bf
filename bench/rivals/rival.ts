/**
 * A rival: a way to join two Linux hosts in namespaces by an Ethernet cable. It lays the cable; addresses, quiet and
 * congestion control are the same for all (cable.ts).
 */
import { spawnSync } from 'node:child_process';
import type { Account, Skip } from '../report/trial.ts';
import type { Bed, Running } from './bed.ts';

/** One end of a cable. */
export interface Host {
  readonly netns: string;
  readonly dev: string;
}

export interface Laid {
  readonly a: Host;
  readonly b: Host;
  /** Interfaces on the way that have offloads of their own: ports of a bridge. */
  readonly between?: readonly Host[];
  /** By default those that the bed started. */
  readonly running?: () => readonly Running[];
  /** Where frames went, as far as the cable keeps account. */
  readonly accounts?: () => Promise<readonly Account[]>;
}

export interface Rival {
  /** kebab-case; part of the ids of figures. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** Why it cannot run here; null when it can. */
  readonly missing: () => Skip | null;
  readonly lay: (bed: Bed) => Promise<Laid>;
}

/** Looks for programs that come with one package of apt. */
export function lacking(what: string, packageName: string, ...programs: string[]): Skip | null {
  const absent = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (absent.length === 0) return null;
  const why = `${absent.join(', ')} not installed`;
  return { what, why, remedy: `apt install ${packageName}` };
}
