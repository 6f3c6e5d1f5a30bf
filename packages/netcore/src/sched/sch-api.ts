/**
 * `tc qdisc add | replace | change | del`: which qdisc is meant, what is refused, what is put where. cf. tc_modify_qdisc,
 * tc_get_qdisc, net/sched/sch_api.c
 *
 * A refusal is a NetError with the kernel's errno and its text first, and has changed nothing.
 */
import type { NetDevice } from '../net-device.ts';
import { NetError } from '../net-error.ts';
import { devGraftRoot, devGraftTxQueue } from './activate.ts';
import { Mq } from './mq.ts';
import { QDISC_HANDLE_FIRST, QDISC_HANDLE_LAST, type Qdisc, type QdiscOptions } from './qdisc.ts';
import { type ClassId, readHandle, readParent, showHandle } from './qdisc-handle.ts';
import { qdiscCreate } from './qdisc-ops.ts';
import { qdiscDepth, qdiscLookup } from './qdisc-tree.ts';

/** Qdiscs from the root to a leaf. Ours: each is a call inside another for each frame, and the stack has an end. */
const MAX_DEPTH = 64;

export interface TcQdiscRequest {
  readonly kind?: string | undefined;
  /** "1:"; one is given when absent. */
  readonly handle?: string | undefined;
  /** "root", which it is when absent, or a class as "1:2". */
  readonly parent?: string | undefined;
  /** What the flags of a netlink request say: create exclusively, create or replace, neither. */
  readonly mode: 'add' | 'replace' | 'change';
  readonly options?: QdiscOptions | undefined;
}

export interface TcQdiscKey {
  readonly kind?: string | undefined;
  readonly handle?: string | undefined;
  readonly parent?: string | undefined;
}

/** A place in the tree: the root, or a class. */
interface Place {
  readonly parent: Qdisc | null;
  readonly minor: number;
  /** What is there; null for nothing, and for a default, which nobody asked for. */
  readonly there: Qdisc | null;
}

export function tcModifyQdisc(dev: NetDevice, request: TcQdiscRequest): void {
  const handle = readHandle(request.handle);
  if (request.parent === undefined && request.handle !== undefined && request.mode === 'change') {
    changeQdisc(dev, qdiscLookup(dev, handle), request);
    return;
  }
  const place = placeOf(dev, readParent(request.parent), 'Failed to find specified qdisc');
  const { there } = place;
  if (handle !== 0 && there?.handle !== handle) putUnderHandle(dev, place, handle, request);
  else if (there === null) putNew(dev, place, handle, request);
  else if (request.kind === undefined || request.kind === there.kind) changeQdisc(dev, there, request);
  else if (handle !== 0) throw mustMatch(dev, there, request.kind);
  else create(dev, place, 0, request); // another kind takes its place, whatever the mode
}

/** What hangs there goes with all below it, and what it held is dropped; the place has its default again. */
export function tcDeleteQdisc(dev: NetDevice, key: TcQdiscKey): void {
  const handle = readHandle(key.handle);
  const place =
    key.parent === undefined && handle !== 0 ? placeByHandle(dev, handle) : placeToDelete(dev, key, handle);
  const q = place.parent === null ? dev.qdisc : place.parent.leaf(place.minor);
  if (q !== null && key.kind !== undefined && key.kind !== q.kind) throw mustMatch(dev, q, key.kind);
  if (q === null || q.handle === 0)
    throw new NetError(
      'ENOENT',
      `Cannot delete qdisc with handle of zero: ${dev.name} has its default there`,
    );
  graft(dev, place, null);
}

/** A handle was asked for that is not the one of what is there. */
function putUnderHandle(dev: NetDevice, place: Place, handle: number, request: TcQdiscRequest): void {
  if (place.there !== null && request.mode !== 'replace')
    throw new NetError('EEXIST', `NLM_F_REPLACE needed to override: ${nameOf(dev, place.there)} is there`);
  const taken = qdiscLookup(dev, handle);
  if (taken === null) {
    putNew(dev, place, handle, request);
    return;
  }
  if (request.mode === 'add')
    throw new NetError(
      'EEXIST',
      `Exclusivity flag on, cannot override: ${nameOf(dev, taken)} has that handle`,
    );
  if (request.kind !== undefined && request.kind !== taken.kind) throw mustMatch(dev, taken, request.kind);
  throw new NetError('EINVAL', `Cannot move an existing qdisc to a different parent: ${nameOf(dev, taken)}`);
}

function putNew(dev: NetDevice, place: Place, handle: number, request: TcQdiscRequest): void {
  if (request.mode === 'change')
    throw new NetError(
      'ENOENT',
      `Qdisc not found. To create specify NLM_F_CREATE flag: ${dev.name} has none there to change`,
    );
  create(dev, place, handle, request);
}

function changeQdisc(dev: NetDevice, q: Qdisc | null, { mode, kind, options }: TcQdiscRequest): void {
  if (q === null) throw new NetError('ENOENT', `Specified qdisc not found on ${dev.name}`);
  if (mode === 'add')
    throw new NetError('EEXIST', `Exclusivity flag on, cannot modify: ${nameOf(dev, q)} is there`);
  if (kind !== undefined && kind !== q.kind) throw mustMatch(dev, q, kind);
  if (options !== undefined && Object.keys(options).length > 0) q.change(options);
}

function create(
  dev: NetDevice,
  place: Place,
  handle: number,
  { kind = '', options = {} }: TcQdiscRequest,
): void {
  const { parent, minor } = place;
  const txq = parent instanceof Mq ? dev.txq[minor - 1]! : (parent?.txq ?? dev.txq[0]!);
  const q = qdiscCreate(dev, txq, kind, options);
  q.handle = handle === 0 ? freeHandle(dev) : handle;
  graft(dev, place, q);
}

/** cf. qdisc_graft */
function graft(dev: NetDevice, { parent, minor }: Place, q: Qdisc | null): void {
  if (parent === null) devGraftRoot(dev, q);
  else if (parent instanceof Mq) devGraftTxQueue(dev, parent, minor, q);
  else parent.graft(minor, q);
}

function placeOf(dev: NetDevice, at: ClassId | null, missing: string): Place {
  if (at === null) return { parent: null, minor: 0, there: asked(dev.qdisc) };
  const parent = qdiscLookup(dev, at.major);
  const text = `${at.major.toString(16)}:${at.minor.toString(16)}`;
  if (parent === null) throw new NetError('ENOENT', `${missing}: ${dev.name} has none for ${text}`);
  if (!parent.classful)
    throw new NetError('EOPNOTSUPP', `Parent qdisc is not classful: ${nameOf(dev, parent)} has no classes`);
  if (!parent.hasClass(at.minor))
    throw new NetError('ENOENT', `Specified class not found: ${nameOf(dev, parent)} has no ${text}`);
  if (qdiscDepth(parent) >= MAX_DEPTH)
    throw new NetError('ELOOP', `${nameOf(dev, parent)} is ${MAX_DEPTH} deep: a tree ends there`);
  return { parent, minor: at.minor, there: asked(parent.leaf(at.minor)) };
}

function placeToDelete(dev: NetDevice, { parent }: TcQdiscKey, handle: number): Place {
  const place = placeOf(dev, readParent(parent), 'Failed to find qdisc with specified classid');
  const q = place.parent === null ? dev.qdisc : place.parent.leaf(place.minor);
  if (q === null)
    throw new NetError(
      'ENOENT',
      `Cannot find specified qdisc on specified device: ${dev.name} has none there`,
    );
  if (handle !== 0 && handle !== q.handle)
    throw new NetError('EINVAL', `Invalid handle: ${nameOf(dev, q)} is there`);
  return place;
}

function placeByHandle(dev: NetDevice, handle: number): Place {
  const q = qdiscLookup(dev, handle);
  if (q === null) throw new NetError('ENOENT', `Failed to find qdisc with specified handle on ${dev.name}`);
  return { parent: q.parentQdisc, minor: q.parentMinor, there: q };
}

function asked(q: Qdisc | null): Qdisc | null {
  return q === null || q.handle === 0 ? null : q;
}

/** cf. qdisc_alloc_handle: a counter for all devices, past those that this one has taken. */
function freeHandle(dev: NetDevice): number {
  const { net } = dev;
  for (let tries = QDISC_HANDLE_FIRST; tries <= QDISC_HANDLE_LAST; tries++) {
    const handle = net.nextQdiscHandle;
    net.nextQdiscHandle = handle === QDISC_HANDLE_LAST ? QDISC_HANDLE_FIRST : handle + 1;
    if (qdiscLookup(dev, handle) === null) return handle;
  }
  throw new NetError('ENOSPC', `Maximum number of qdisc handles was exceeded on ${dev.name}`);
}

function mustMatch(dev: NetDevice, q: Qdisc, kind: string): NetError {
  return new NetError(
    'EINVAL',
    `Invalid qdisc name: must match existing qdisc: ${nameOf(dev, q)}, not ${kind}`,
  );
}

function nameOf(dev: NetDevice, q: Qdisc): string {
  return `${q.kind} ${showHandle(q)} of ${dev.name}`;
}
