/** Qdiscs of a lab in memory: what was asked for is what there is, by the rules of tc_modify_qdisc. */
import {
  InputError,
  mergeOptions,
  parseWith,
  type Qdisc,
  type QdiscConfig,
  type QdiscKey,
  type QdiscPatch,
  type QdiscRequest,
  qdiscOptionsOf,
} from '@etherloom/schema';

const KINDS = ['pfifo', 'bfifo', 'pfifo_fast', 'tbf', 'fq_codel', 'prio', 'netem'];
const IDLE = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
const isRoot = (parent: string | undefined) => parent === undefined || parent === 'root';

const refusal = (code: string, message: string) => new InputError(code, [{ path: [], message }]);

export function showQdiscs(dev: string, configured: readonly QdiscConfig[] = []): Qdisc[] {
  if (!configured.some(({ parent }) => isRoot(parent))) {
    return [{ kind: 'pfifo_fast', handle: '0:', dev, root: true, refcnt: 2, options: {}, ...IDLE }];
  }
  return configured.map(({ kind, handle = '8001:', parent, options }) => {
    const where = isRoot(parent) ? { root: true } : { parent: parent! };
    return { kind, handle, dev, ...where, options, ...IDLE };
  });
}

export function withQdisc(
  configured: readonly QdiscConfig[],
  { mode, ...wanted }: QdiscRequest,
): QdiscConfig[] {
  if (!KINDS.includes(wanted.kind)) throw refusal('ENOENT', 'Specified qdisc kind is unknown.');
  const at = configured.findIndex((qdisc) => hangsAt(qdisc, wanted));
  if (mode === 'add' && at >= 0) throw refusal('EEXIST', 'Exclusivity flag on, cannot modify');
  if (mode === 'change' && at < 0) {
    throw refusal('ENOENT', 'Qdisc not found. To create specify NLM_F_CREATE flag');
  }
  if (
    !isRoot(wanted.parent) &&
    !configured.some(({ handle }) => handle === `${wanted.parent?.split(':')[0]}:`)
  ) {
    throw refusal('ENOENT', 'Failed to find qdisc with specified classid');
  }
  const kept = { ...wanted, handle: wanted.handle ?? configured[at]?.handle ?? freeHandle(configured) };
  return at < 0 ? [...configured, kept] : configured.with(at, kept);
}

export function withoutQdisc(configured: readonly QdiscConfig[], key: QdiscKey): QdiscConfig[] {
  const found = configured.find((qdisc) =>
    key.handle === undefined ? hangsAt(qdisc, key) : qdisc.handle === key.handle,
  );
  if (found === undefined) throw refusal('ENOENT', 'Cannot find specified qdisc on specified device');
  return isRoot(found.parent) ? [] : configured.filter((qdisc) => qdisc !== found);
}

export function patchedQdisc(configured: readonly QdiscConfig[], patch: QdiscPatch): QdiscRequest {
  const found = configured.find((qdisc) =>
    patch.handle === undefined ? hangsAt(qdisc, patch) : qdisc.handle === patch.handle,
  );
  if (found === undefined) throw refusal('ENOENT', 'there is no such qdisc');
  const options = parseWith(qdiscOptionsOf(found.kind), patch.options, ['options']);
  return { ...found, options: mergeOptions(found.kind, found.options, options), mode: 'change' };
}

function hangsAt({ parent }: QdiscConfig, key: { readonly parent?: string | undefined }): boolean {
  return isRoot(parent) ? isRoot(key.parent) : parent === key.parent;
}

function freeHandle(configured: readonly QdiscConfig[]): string {
  for (let n = 0x8001; ; n++) {
    const handle = `${n.toString(16)}:`;
    if (!configured.some((qdisc) => qdisc.handle === handle)) return handle;
  }
}
