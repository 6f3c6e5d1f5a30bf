/**
 * What has to change to get from one lab to another: a pure difference, in an order that can be carried out
 * (unplug before removing, create before plugging). Empty when nothing changes. Used by `PUT ?dryRun=true`,
 * `etherloom diff` and the check that a repeated request changes nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Lab, PlanChange } from '@etherloom/schema';

export type ItemKind = PlanChange['kind'];
type Fields = NonNullable<PlanChange['fields']>;

/** A change as REST shows it, and what the item becomes: null when it is removed. */
export interface PlanStep {
  readonly change: PlanChange;
  readonly value: unknown;
}

interface Item {
  readonly kind: ItemKind;
  readonly name: string;
  readonly value: object;
}
type Items = ReadonlyMap<string, Item>;

const REMOVE_ORDER: readonly ItemKind[] = ['link', 'device', 'lan', 'node', 'lab'];
const ADD_ORDER: readonly ItemKind[] = ['lab', 'node', 'lan', 'device', 'link'];
const SIGN = { add: '+', remove: '-', change: '~' } as const;

export function plan(current: Lab | null, desired: Lab | null): PlanStep[] {
  const before = items(current);
  const after = items(desired);
  const of = (kind: ItemKind, all: Items) => [...all].filter(([, item]) => item.kind === kind);
  const removals = REMOVE_ORDER.flatMap((kind) => of(kind, before))
    .filter(([key]) => !after.has(key))
    .map(([, { kind, name }]): PlanStep => ({ change: { op: 'remove', kind, name }, value: null }));
  const additions = ADD_ORDER.flatMap((kind) => of(kind, after)).flatMap(([key, item]) =>
    step(before.get(key), item),
  );
  return [...removals, ...additions];
}

/** One line for people: `~ link cable-3: mtu 65535 -> 1400, impair.forward.delay 0 -> 0.01`. */
export function changeText({ op, kind, name, fields = {} }: PlanChange): string {
  const details = Object.entries(fields).map(
    ([path, { from, to }]) => `${path} ${show(from)} -> ${show(to)}`,
  );
  return `${SIGN[op]} ${kind} ${name}${details.length > 0 ? `: ${details.join(', ')}` : ''}`;
}

function step(before: Item | undefined, { kind, name, value }: Item): PlanStep[] {
  if (before === undefined) return [{ change: { op: 'add', kind, name }, value }];
  const fields = difference(before.value, value);
  return Object.keys(fields).length === 0 ? [] : [{ change: { op: 'change', kind, name, fields }, value }];
}

/** A lab as a flat list of named things, so that a difference is a difference of maps. */
function items(lab: Lab | null): Items {
  const out = new Map<string, Item>();
  if (lab === null) return out;
  const add = (kind: ItemKind, name: string, value: object) =>
    out.set(`${kind} ${name}`, { kind, name, value });
  const { nodes, lans, links, ...rest } = lab;
  out.set('lab', { kind: 'lab', name: lab.name, value: rest });
  for (const [name, { devices, ...node }] of Object.entries(nodes)) {
    add('node', name, node);
    for (const [device, settings] of Object.entries(devices)) add('device', `${name}:${device}`, settings);
  }
  for (const [name, lan] of Object.entries(lans)) add('lan', name, lan);
  for (const link of links) add('link', link.name, link);
  return out;
}

/** The settings that differ, nested ones by their path: `impair.forward.delay`. */
function difference(from: unknown, to: unknown, path = ''): Fields {
  if (isDeepStrictEqual(from, to)) return {};
  if (!isRecord(from) || !isRecord(to)) return { [path]: { from, to } };
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return Object.assign(
    {},
    ...[...keys].map((key) => difference(from[key], to[key], path === '' ? key : `${path}.${key}`)),
  );
}

function show(value: unknown): string {
  if (value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(' ');
  if (isRecord(value)) return JSON.stringify(value);
  return String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
