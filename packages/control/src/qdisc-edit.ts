/** From a patch of a qdisc to the request that a node understands: its options in force, with the patch on top. */
import {
  mergeOptions,
  parseWith,
  type Qdisc,
  type QdiscPatch,
  type QdiscRequest,
  qdiscOptionsOf,
} from '@etherloom/schema';
import { ControlError } from './control-error.ts';

export function patchedQdisc(device: string, shown: readonly Qdisc[], patch: QdiscPatch): QdiscRequest {
  const found = namedQdisc(device, shown, patch);
  const kind = patch.kind ?? found.kind;
  const options = parseWith(qdiscOptionsOf(kind), patch.options, ['options']);
  const where = found.parent === undefined ? { parent: 'root' } : { parent: found.parent };
  // Why with its handle only when it has one: 0: is a default, which nobody asked for.
  const handle = found.handle === '0:' ? {} : { handle: found.handle };
  const base = kind === found.kind ? found.options : {};
  return { kind, ...where, ...handle, options: mergeOptions(kind, base, options), mode: 'change' };
}

/** By handle, by parent, else the root. cf. tc_modify_qdisc, net/sched/sch_api.c */
function namedQdisc(device: string, shown: readonly Qdisc[], { handle, parent }: QdiscPatch): Qdisc {
  const found = shown.find((qdisc) => {
    if (handle !== undefined && qdisc.handle !== handle) return false;
    if (parent !== undefined && parent !== 'root') return qdisc.parent === parent;
    return handle !== undefined || qdisc.root === true;
  });
  if (found !== undefined) return found;
  const there = shown.map(({ kind, handle: its }) => `${kind} ${its}`).join(', ') || 'none';
  throw new ControlError('ENOENT', `${device} has no such qdisc: it has ${there}`);
}
