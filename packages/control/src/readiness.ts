/** Whether the lab has converged: what is still missing, in words. Pure: from the lab and what agents were seen to do. */
import type { Device, IpLink, Lab, Link, LinkState } from '@etherloom/schema';
import type { Refusal } from './agent-sync.ts';
import { deviceEnd } from './lab-ends.ts';

/** What is known of one agent. */
export interface SeenAgent {
  readonly connected: boolean;
  /** It has what it should have. */
  readonly applied: boolean;
  readonly refusals: readonly Refusal[];
  readonly problem: string | null;
}

export interface SeenNode extends SeenAgent {
  readonly devices: ReadonlyMap<string, IpLink> | null;
}

export interface Seen {
  readonly switch: SeenAgent & { readonly links: ReadonlyMap<string, LinkState> | null };
  node(name: string): SeenNode | undefined;
  /** Why a node could not be started; null when it could, or when it starts elsewhere. */
  launchProblem(name: string): string | null;
  /** A carrier that was switched off on the device itself, by REST. */
  carrierOff(node: string, device: string): boolean;
}

/** One line for each thing that is missing; empty when the lab has converged. */
export function missing(lab: Lab | null, seen: Seen): string[] {
  if (lab === null) return [];
  return [
    ...missingSwitch(lab, seen),
    ...Object.keys(lab.nodes).flatMap((name) => missingNode(lab, name, seen)),
    ...(seen.switch.connected ? lab.links.flatMap((link) => missingLink(lab, link, seen)) : []),
  ];
}

function missingSwitch(lab: Lab, seen: Seen): string[] {
  const needed = lab.links.length > 0 || Object.keys(lab.lans).length > 0;
  if (!seen.switch.connected) {
    return needed ? ['no switch is connected: start one with etherloom switch --control URL'] : [];
  }
  return notApplied('the switch', seen.switch);
}

function missingNode(lab: Lab, name: string, seen: Seen): string[] {
  const node = seen.node(name);
  if (node === undefined || !node.connected) {
    const why = seen.launchProblem(name);
    if (why !== null) return [`node ${name} could not be started: ${why}`];
    return [`node ${name} is not connected: start it with etherloom node --name ${name} --control URL`];
  }
  const refused = new Set(node.refusals.map((refusal) => refusal.what));
  const devices = Object.entries(lab.nodes[name]!.devices).filter(([device]) => !refused.has(device));
  return [
    ...notApplied(`node ${name}`, node),
    ...devices.flatMap(([device, wanted]) =>
      missingDevice(`${name}:${device}`, wanted, node.devices?.get(device)),
    ),
  ];
}

function notApplied(who: string, agent: SeenAgent): string[] {
  if (agent.applied) return [];
  if (agent.refusals.length > 0) {
    return agent.refusals.map(
      ({ what, code, message }) => `${who}${what && `, ${what}`}: ${message} (${code})`,
    );
  }
  return [
    agent.problem === null
      ? `${who} has not applied the lab yet`
      : `${who} does not answer: ${agent.problem}`,
  ];
}

function missingDevice(name: string, wanted: Device, seen: IpLink | undefined): string[] {
  if (seen === undefined) return [`device ${name} does not exist yet`];
  const up = seen.flags.includes('UP');
  if (up !== wanted.up)
    return [`device ${name} is ${up ? 'up and should be down' : 'down and should be up'}`];
  return [];
}

function missingLink(lab: Lab, link: Link, seen: Seen): string[] {
  const state = seen.switch.links?.get(link.name);
  if (state === undefined) return [`link ${link.name} does not exist on the switch yet`];
  return link.endpoints.flatMap((endpoint, i) => {
    const end = deviceEnd(endpoint);
    // Who dials in raw comes when he likes.
    if (end === null || isRaw(endpoint)) return [];
    const wanted = link.carrier && isUp(lab, state, link.endpoints[1 - i]!);
    const found = endOf(state, endpoint);
    if (found?.attached !== true) return [`${endpoint} is not plugged into link ${link.name} yet`];
    if (!isUp(lab, state, endpoint)) return [];
    if (found.carrier === wanted && carrierShows(end.node, end.device, wanted, seen)) return [];
    return [`${endpoint} ${wanted ? 'has no carrier yet' : 'has a carrier still'} from link ${link.name}`];
  });
}

/** Whether the device shows the carrier it is offered, where it is up and nobody has switched its carrier off. */
function carrierShows(node: string, device: string, wanted: boolean, seen: Seen): boolean {
  const flags = seen.node(node)?.devices?.get(device)?.flags;
  if (flags?.includes('UP') !== true || seen.carrierOff(node, device)) return true;
  return flags.includes('LOWER_UP') === wanted;
}

/** Whether the far end of a cable is there to be talked to. */
function isUp(lab: Lab, state: LinkState, endpoint: string): boolean {
  if (isRaw(endpoint)) return endOf(state, endpoint)?.attached === true;
  const end = deviceEnd(endpoint);
  return end === null || (lab.nodes[end.node]?.devices[end.device]?.up ?? false);
}

function isRaw(endpoint: string): boolean {
  return endpoint.startsWith('raw:');
}

function endOf({ ends }: LinkState, endpoint: string): LinkState['ends'][number] | undefined {
  return ends.find((end) => end.endpoint === endpoint);
}
