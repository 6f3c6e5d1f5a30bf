/** Finding and changing single things in a lab document. Nothing here changes what it is given. */
import { type Device, emptyLab, type Lab, type Lan, type Link, type Node } from '@etherloom/schema';
import { ControlError } from './control-error.ts';

export function labOf(lab: Lab | null): Lab {
  if (lab !== null) return lab;
  throw new ControlError('ENOENT', 'there is no lab yet: PUT one to /v1/lab, or run etherloom apply FILE');
}

/** The lab, or one without anything in it to start from. */
export function labOrEmpty(lab: Lab | null): Lab {
  return lab ?? emptyLab();
}

export function nodeOf(lab: Lab | null, name: string): Node {
  return own(lab?.nodes, name) ?? absent('ENOENT', `there is no node ${name}`, namesOf(lab?.nodes), 'nodes');
}

export function deviceOf(lab: Lab | null, node: string, name: string): Device {
  const { devices } = nodeOf(lab, node);
  return (
    own(devices, name) ?? absent('ENODEV', `node ${node} has no device ${name}`, namesOf(devices), 'devices')
  );
}

export function lanOf(lab: Lab | null, name: string): Lan {
  return own(lab?.lans, name) ?? absent('ENOENT', `there is no LAN ${name}`, namesOf(lab?.lans), 'LANs');
}

export function linkOf(lab: Lab | null, name: string): Link {
  const links = lab?.links ?? [];
  const found = links.find((link) => link.name === name);
  return (
    found ??
    absent(
      'ENOENT',
      `there is no link ${name}`,
      links.map((link) => link.name),
      'links',
    )
  );
}

/** The entry of that name that the record itself has: `constructor` is a name like any other. */
export function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

export function withNode(lab: Lab, name: string, node: Node | null): Lab {
  return { ...lab, nodes: withEntry(lab.nodes, name, node) };
}

export function withDevice(lab: Lab, node: string, name: string, device: Device | null): Lab {
  const entry = nodeOf(lab, node);
  return withNode(lab, node, { ...entry, devices: withEntry(entry.devices, name, device) });
}

export function withLan(lab: Lab, name: string, lan: Lan | null): Lab {
  return { ...lab, lans: withEntry(lab.lans, name, lan) };
}

/** Replaces the link in its place, or adds it. */
export function withLink(lab: Lab, link: Link): Lab {
  const at = lab.links.findIndex((other) => other.name === link.name);
  return { ...lab, links: at < 0 ? [...lab.links, link] : lab.links.with(at, link) };
}

export function withoutLink(lab: Lab, name: string): Lab {
  return { ...lab, links: lab.links.filter((link) => link.name !== name) };
}

/** EBUSY, naming the links, when an endpoint for which `ends` holds is plugged in. */
export function refusePlugged(lab: Lab, what: string, ends: (endpoint: string) => boolean): void {
  const plugged = lab.links.filter((link) => link.endpoints.some(ends)).map((link) => link.name);
  if (plugged.length === 0) return;
  throw new ControlError('EBUSY', `${what} is in use by link ${plugged.join(', ')}: delete that first`);
}

export function refuseTaken(taken: boolean, what: string): void {
  if (taken) throw new ControlError('EEXIST', `${what} exists already: PATCH changes it`);
}

function withEntry<T>(record: Record<string, T>, name: string, value: T | null): Record<string, T> {
  const { [name]: _replaced, ...rest } = record;
  return value === null ? rest : { ...record, [name]: value };
}

function absent(code: string, text: string, names: readonly string[], kind: string): never {
  const list = names.length === 0 ? 'there are none' : `there are ${names.slice(0, 10).join(', ')}`;
  throw new ControlError(code, `${text}: of ${kind} ${list}${names.length > 10 ? ', ...' : ''}`);
}

function namesOf(record: object | undefined): string[] {
  return Object.keys(record ?? {});
}
