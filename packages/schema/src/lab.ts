/** The lab: nodes, LANs and links as one document, as written (LabInput) and as resolved (Lab). */
import { z } from 'zod';
import type { Device, DeviceInput } from './device.ts';
import { InputError, issuesOf } from './issues.ts';
import { checkLab } from './lab-checks.ts';
import { Lan, LanInput } from './lan.ts';
import { Link, LinkInput, resolveLink } from './link.ts';
import { deriveMac } from './mac.ts';
import { Name, NodeName } from './names.ts';
import { Node, NodeInput, orEmpty } from './node.ts';
import { strict } from './strict.ts';

const Links = z.array(LinkInput).max(10_000);

export const LabInput = strict({
  name: Name.default('lab').meta({ description: 'Name of the lab; MAC addresses are derived from it.' }),
  nodes: orEmpty(z.record(NodeName, orEmpty(NodeInput))).optional(),
  lans: orEmpty(z.record(Name, orEmpty(LanInput))).optional(),
  links: z.preprocess((written: z.input<typeof Links> | null) => written ?? [], Links).optional(),
});
export type LabInput = z.input<typeof LabInput>;

/** A lab with nothing left to guess. It reads as a LabInput too. */
export const Lab = strict({
  name: z.string(),
  nodes: z.record(z.string(), Node),
  lans: z.record(z.string(), Lan),
  links: z.array(Link),
}).meta({ id: 'Lab' });
export type Lab = z.output<typeof Lab>;

/** A lab without anything in it. */
export function emptyLab(name = 'lab'): Lab {
  return { name, nodes: {}, lans: {}, links: [] };
}

/** Reads, resolves and checks a lab; throws InputError with every place that is wrong. */
export function parseLab(input: unknown): Lab {
  const parsed = LabInput.safeParse(input ?? {});
  if (!parsed.success) throw new InputError('EINVAL', issuesOf(parsed.error), { cause: parsed.error });
  const lab = resolveLab(parsed.data);
  const found = checkLab(lab);
  const first = found[0];
  if (first === undefined) return lab;
  throw new InputError(first.code, found);
}

function resolveLab(input: z.output<typeof LabInput>): Lab {
  const nodes = Object.entries(input.nodes ?? {}).map(([name, node]) => [
    name,
    resolveNode(input.name, name, node),
  ]);
  return {
    name: input.name,
    nodes: Object.fromEntries(nodes),
    lans: input.lans ?? {},
    links: (input.links ?? []).map((link) => resolveLink(input.name, link)),
  };
}

/** Fills in what was not written of a node. */
export function resolveNode(lab: string, name: string, input: z.output<typeof NodeInput>): Node {
  const devices = Object.entries(input.devices ?? {}).map(([device, written]) => [
    device,
    resolveDevice(lab, name, device, written),
  ]);
  return { stack: input.stack, devices: Object.fromEntries(devices) };
}

/** Fills in what was not written of a device. */
export function resolveDevice(
  lab: string,
  node: string,
  name: string,
  input: z.output<typeof DeviceInput>,
): Device {
  return { ...input, mac: input.mac ?? deriveMac(lab, node, name) };
}
