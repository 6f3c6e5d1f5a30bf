/** What no single part of a lab can know: that its parts fit together. */
import type { Device } from './device.ts';
import { foreignText, isForeignEndpoint, type ParsedEndpoint, parseEndpoint } from './endpoint.ts';
import { checkImpairs } from './impair-checks.ts';
import { cidrContains, parseCidr, parseIp } from './ip.ts';
import type { InputIssue, IssuePath } from './issues.ts';
import { pathText } from './issues.ts';
import type { Lab } from './lab.ts';

export interface LabIssue extends InputIssue {
  readonly code: 'EINVAL' | 'EOPNOTSUPP';
}

/** Every misfit of a resolved lab, in the order of the document. */
export function checkLab(lab: Lab): LabIssue[] {
  return [
    ...checkMacs(lab),
    ...checkGateways(lab),
    ...checkEndpoints(lab),
    ...checkLinkNames(lab),
    ...checkImpairs(lab.links),
    ...checkIps(lab),
  ];
}

function invalid(path: IssuePath, message: string): LabIssue {
  return { path, message, code: 'EINVAL' };
}

interface PlacedDevice {
  readonly endpoint: string;
  readonly path: IssuePath;
  readonly device: Device;
}

function* devicesOf(lab: Lab): Generator<PlacedDevice> {
  for (const [node, { devices }] of Object.entries(lab.nodes)) {
    for (const [name, device] of Object.entries(devices)) {
      yield { endpoint: `${node}:${name}`, path: ['nodes', node, 'devices', name], device };
    }
  }
}

function checkMacs(lab: Lab): LabIssue[] {
  const owners = new Map<string, string>();
  const found: LabIssue[] = [];
  for (const { endpoint, path, device } of devicesOf(lab)) {
    const owner = owners.get(device.mac);
    if (owner === undefined) owners.set(device.mac, endpoint);
    else found.push(invalid([...path, 'mac'], `${device.mac} is the MAC address of ${owner} already`));
  }
  return found;
}

function checkGateways(lab: Lab): LabIssue[] {
  const found: LabIssue[] = [];
  for (const { path, device } of devicesOf(lab)) {
    const gateway = device.gateway === undefined ? null : parseIp(device.gateway);
    const reachable = device.ip.some((text) => gateway !== null && cidrContains(parseCidr(text)!, gateway));
    if (gateway === null || reachable) continue;
    const own = device.ip.join(', ') || 'no address';
    found.push(
      invalid([...path, 'gateway'], `${device.gateway} is not in a network of this device (it has ${own})`),
    );
  }
  return found;
}

function checkEndpoints(lab: Lab): LabIssue[] {
  const plugged = new Map<string, string>();
  return lab.links.flatMap(({ endpoints }, i) => {
    const found = endpoints.flatMap((text, end) => {
      const path = ['links', i, 'endpoints', end];
      return checkEndpoint(lab, text, path) ?? checkPlug(plugged, text, path) ?? [];
    });
    if (endpoints.every((text) => text.startsWith('lan:'))) found.push(lanToLan(i));
    return found;
  });
}

function lanToLan(i: number): LabIssue {
  const message = 'a link between two LANs is not supported yet: one end must be NODE:DEVICE';
  return { path: ['links', i, 'endpoints'], message, code: 'EOPNOTSUPP' };
}

function checkEndpoint(lab: Lab, text: string, path: IssuePath): LabIssue | null {
  if (isForeignEndpoint(text)) return { path, message: foreignText(text), code: 'EOPNOTSUPP' };
  const missing = missingPart(lab, parseEndpoint(text));
  return missing === null ? null : invalid(path, `"${text}" does not exist: ${missing}`);
}

function missingPart(lab: Lab, end: ParsedEndpoint): string | null {
  if (end.kind === 'lan')
    return ownOf(lab.lans, end.lan) ? null : `no LAN "${end.lan}" (${known('LANs', lab.lans)})`;
  if (end.kind === 'raw') return null;
  const node = ownOf(lab.nodes, end.node);
  if (node === undefined) return `no node "${end.node}" (${known('nodes', lab.nodes)})`;
  const device = ownOf(node.devices, end.device);
  if (device === undefined)
    return `node "${end.node}" has no device "${end.device}" (${known('devices', node.devices)})`;
  return device.kind === 'wslink' ? null : `a ${device.kind} has no plug; kind must be wslink`;
}

function ownOf<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function known(what: string, record: Record<string, unknown>): string {
  const names = Object.keys(record);
  const more = names.length > 8 ? `, and ${names.length - 8} more` : '';
  return names.length === 0 ? `there are no ${what}` : `${what}: ${names.slice(0, 8).join(', ')}${more}`;
}

function checkPlug(plugged: Map<string, string>, text: string, path: IssuePath): LabIssue | null {
  if (text.startsWith('lan:')) return null;
  const other = plugged.get(text);
  if (other !== undefined)
    return invalid(path, `${text} is plugged in already, at ${other}; a device takes one link`);
  plugged.set(text, pathText(path));
  return null;
}

function checkLinkNames(lab: Lab): LabIssue[] {
  const places = new Map<string, number>();
  const found: LabIssue[] = [];
  lab.links.forEach(({ name }, i) => {
    const first = places.get(name);
    if (first === undefined) places.set(name, i);
    else found.push(invalid(['links', i, 'name'], `links[${first}] is called "${name}" already`));
  });
  return found;
}

/** Two stations with one address clash where they can hear each other; apart, labs do that on purpose. */
function checkIps(lab: Lab): LabIssue[] {
  const domainOf = broadcastDomains(lab);
  const owners = new Map<string, string>();
  const found: LabIssue[] = [];
  for (const { endpoint, path, device } of devicesOf(lab)) {
    for (const [i, text] of device.ip.entries()) {
      const { version, value } = parseCidr(text)!;
      const key = `${domainOf(endpoint)} ${version} ${value}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, endpoint);
      else
        found.push(invalid([...path, 'ip', i], `${text.split('/')[0]} is the address of ${owner} already`));
    }
  }
  return found;
}

/** Names the LAN a device is plugged into, or the first end of its wire, or the device itself. */
function broadcastDomains(lab: Lab): (endpoint: string) => string {
  const domain = new Map<string, string>();
  for (const { endpoints } of lab.links) {
    const name = endpoints.find((text) => text.startsWith('lan:')) ?? endpoints[0];
    for (const text of endpoints) domain.set(text, name);
  }
  return (endpoint) => domain.get(endpoint) ?? endpoint;
}
