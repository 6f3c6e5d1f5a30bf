/** Which node and device a tool's words mean: -n NODE, NODE:DEV, or the one node that has such a device. */
import type { Client } from '@etherloom/client';
import { ClientError } from '@etherloom/client';
import { CliError } from '../cli-error.ts';
import { callFailure } from '../connect.ts';
import { mistake, REFUSED } from '../words/mistakes.ts';

export interface Place {
  readonly node: string;
  readonly dev: string;
}

/** `h1:eth0` names node and device at once. */
export function splitDevice(
  node: string | null,
  dev: string | null,
): [node: string | null, dev: string | null] {
  const [owner, name] = dev?.split(':', 2) ?? [];
  if (owner === undefined || name === undefined) return [node, dev];
  if (node !== null && node !== owner) throw new CliError(`-n ${node} and ${dev} name two nodes`);
  return [owner, name];
}

/** The one device that is meant; where several nodes have such a device, which one must be said. */
export async function oneDevice(client: Client, node: string | null, written: string): Promise<Place> {
  const [given, dev] = splitDevice(node, written);
  if (given === null) return { node: await ownerOf(client, dev!), dev: dev! };
  return { node: given, dev: await ifnameOf(client, given, dev!) };
}

/** A device answers to its other names too; a name that nobody has stays, for the node to refuse. */
async function ifnameOf(client: Client, node: string, name: string): Promise<string> {
  const links = await client.listDevices({ params: { node } });
  if (links.some(({ ifname }) => ifname === name)) return name;
  return links.find(({ altnames }) => altnames?.includes(name))?.ifname ?? name;
}

/** The node that was named, else every node that is connected. */
export async function chosenNodes(client: Client, node: string | null): Promise<string[]> {
  if (node !== null) return [node];
  return (await client.listNodes()).filter(({ connected }) => connected).map(({ name }) => name);
}

async function ownerOf(client: Client, dev: string): Promise<string> {
  const owners = (await client.listNodes()).filter(({ devices }) => devices.includes(dev));
  const [owner] = owners;
  if (owner === undefined) throw mistake(`Cannot find device "${dev}"`, 1);
  if (owners.length === 1) return owner.name;
  const names = owners.map(({ name }) => name).join(', ');
  throw new CliError(`"${dev}" is on ${names}: pick one with -n NODE, or write ${owner.name}:${dev}`);
}

/** What strerror says, as iproute2 prints it. */
const STRERROR: Readonly<Record<string, string>> = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EINVAL: 'Invalid argument',
  ENETDOWN: 'Network is down',
  ENOBUFS: 'No buffer space available',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  EOPNOTSUPP: 'Operation not supported',
  EPERM: 'Operation not permitted',
  ERANGE: 'Numerical result out of range',
};

export function strerror(code: string): string {
  return STRERROR[code] ?? code;
}

/** The refusals that the kernel has words of its own for, which iproute2 shows instead of the error's. */
const KERNEL_WORDS = /^(mtu (less|greater) than device|NLM_F_REPLACE needed|Exclusivity flag on|Cannot (move|delete|find)|Specified|Failed to find|Parent qdisc|Invalid (handle|qdisc)|Qdisc not found|Change operation|Handle cannot)/; // biome-ignore format: one pattern

/**
 * A refusal as iproute2 tells it: the kernel's own words behind "Error: ", else what the error is called, and then why;
 * exit code 2. A device that is not there is a mistake in the words, exit code 1.
 */
export function refusal(error: unknown, { node, dev }: Place): unknown {
  if (!(error instanceof ClientError) || error.status === 0) return error;
  if (error.code === 'ENODEV' && error.message.includes(`no device ${dev}`))
    return mistake(`Cannot find device "${dev}"`, 1, error);
  if (error.code === 'ENOENT' && error.message.includes(`no node ${node}`)) return error;
  const text = kernelText(error);
  const name = strerror(errnoOf(error));
  const named = text.startsWith(name) ? text : `${name}: ${text}`;
  const told = KERNEL_WORDS.test(text) ? `Error: ${text}` : `RTNETLINK answers: ${named}`;
  return mistake(told, REFUSED, error);
} // biome-ignore format: a decision a line

/** Of an address that was read as six bytes the schema says EINVAL; a driver says that no station can have it. */
function errnoOf({ code, problem }: ClientError): string {
  return problem?.errors?.[0]?.path === 'address' ? 'EADDRNOTAVAIL' : code;
}

/** -n of a node that is not there, as iproute2 says it of a namespace. */
export function nodeRefusal(error: unknown, node: string | null): unknown {
  if (!(error instanceof ClientError) || node === null || !error.message.includes(`no node ${node}`)) return error;
  return mistake(`Cannot open network namespace "${node}": ${error.message}`, undefined, error);
} // biome-ignore format: a decision a line

/** Without the name of the field or the device in front, which are words just written. */
function kernelText(error: ClientError): string {
  const [issue, ...more] = error.problem?.errors ?? [];
  const plain = issue !== undefined && more.length === 0 && /^\w+$/.test(issue.path);
  return plain ? issue.message : callFailure(error, REFUSED).message.replace(/^node [^\s,]+, [^\s:]+: /, '');
}
