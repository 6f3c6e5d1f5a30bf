/** Which node and device a tool's words mean: -n NODE, NODE:DEV, or the one node that has such a device. */
import type { Client } from '@etherloom/client';
import { ClientError } from '@etherloom/client';
import { CliError } from '../cli-error.ts';
import { callFailure } from '../connect.ts';
import { REFUSED } from '../words/mistakes.ts';

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
  if (owner === undefined) throw new CliError(`Cannot find device "${dev}"`);
  if (owners.length === 1) return owner.name;
  const names = owners.map(({ name }) => name).join(', ');
  throw new CliError(`"${dev}" is on ${names}: pick one with -n NODE, or write ${owner.name}:${dev}`);
}

/**
 * A refusal as iproute2 tells it: "Error: " and the kernel's own words, exit code 2;
 * a device that is not there is a mistake in the words, exit code 1.
 */
export function refusal(error: unknown, { node, dev }: Place): unknown {
  if (!(error instanceof ClientError) || error.status === 0) return error;
  if (error.code === 'ENODEV' && error.message.includes(`no device ${dev}`))
    return new CliError(`Cannot find device "${dev}"`, { cause: error });
  if (error.code === 'ENOENT' && error.message.includes(`no node ${node}`)) return error;
  return new CliError(`Error: ${kernelText(error)}`, { exitCode: REFUSED, cause: error });
}

/** Without the name of the field in front, which is one of the words just written. */
function kernelText(error: ClientError): string {
  const [issue, ...more] = error.problem?.errors ?? [];
  const plain = issue !== undefined && more.length === 0 && /^\w+$/.test(issue.path);
  return plain ? issue.message : callFailure(error, REFUSED).message;
}
