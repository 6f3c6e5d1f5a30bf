/**
 * The named network namespace of a native node, shared by the devices of one Net: the first to ask makes it,
 * with `lo` up, and the last to leave removes it.
 */

import type { Net } from '@etherloom/netcore';
import { createNetns, deleteNetns, inNetns, Rtnetlink } from '@etherloom/tap';

const held = new WeakMap<Net, Map<string, KernelNetns>>();

export class KernelNetns {
  readonly name: string;
  readonly path: string;
  readonly #of: Map<string, KernelNetns>;
  #users = 1;

  private constructor(name: string, path: string, of: Map<string, KernelNetns>) {
    this.name = name;
    this.path = path;
    this.#of = of;
  }

  /** EEXIST when somebody else has a namespace of this name. Each acquire wants one release. */
  static acquire(net: Net, name: string): KernelNetns {
    const of = held.get(net) ?? new Map<string, KernelNetns>();
    held.set(net, of);
    const known = of.get(name);
    if (known !== undefined) {
      known.#users++;
      return known;
    }
    const made = new KernelNetns(name, createNetns(name), of);
    of.set(name, made);
    inNetns(made.path, loopbackUp);
    return made;
  }

  release(): void {
    if (--this.#users > 0) return;
    this.#of.delete(this.name);
    deleteNetns(this.name);
  }
}

function loopbackUp(): void {
  const rtnl = new Rtnetlink();
  try {
    const lo = rtnl.linkByName('lo');
    rtnl.setLink(lo.ifindex, { up: true }, 'cannot set lo up');
  } finally {
    rtnl.close();
  }
}
