/** A node: a machine of the lab and its devices. */
import { z } from 'zod';
import { Device, DeviceInput } from './device.ts';
import { DeviceName, NodeName } from './names.ts';
import { strict } from './strict.ts';

export const Stack = z
  .enum(['user', 'kernel', 'none'], 'stack is "user" (the default), "kernel" or "none"')
  .meta({
    description: 'user: in the node process; kernel: a real Linux interface (TAP); none: bare devices.',
  });
export type Stack = z.output<typeof Stack>;

/** Takes `eth0:` with nothing behind it (null in YAML) as an empty object. */
export function orEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((written: z.input<T> | null) => written ?? {}, schema);
}

const inputShape = {
  stack: Stack.default('user'),
  devices: orEmpty(z.record(DeviceName, orEmpty(DeviceInput))).optional(),
};

export const NodeInput = strict(inputShape);
export type NodeInput = z.input<typeof NodeInput>;

/** Body of POST /v1/nodes. */
export const NodeCreate = strict({ name: NodeName, ...inputShape });
export type NodeCreate = z.output<typeof NodeCreate>;

/** A node of a resolved lab. */
export const Node = strict({ stack: Stack, devices: z.record(z.string(), Device) });
export type Node = z.output<typeof Node>;

/** A device the lab asks for and the node could not make or change. */
export const DeviceProblem = strict({
  device: z.string().meta({ description: 'Name of the device; empty: the node as a whole.' }),
  code: z.string().meta({ description: 'An errno name.' }),
  message: z.string(),
});
export type DeviceProblem = z.output<typeof DeviceProblem>;

export const NodeView = strict({
  name: z.string(),
  connected: z.boolean().meta({ description: 'Its agent is connected to control.' }),
  process: strict({ address: z.string(), pid: z.int() }).optional().meta({
    description:
      'Where it runs, as control sees it: several nodes may share a process. Absent while it is not connected.',
  }),
  stack: Stack,
  devices: z.array(z.string()).meta({ description: 'Names of its devices.' }),
  problems: z
    .array(DeviceProblem)
    .optional()
    .meta({ description: 'What the node could not do as the lab says; absent when there is nothing.' }),
}).meta({ id: 'Node' });
export type NodeView = z.output<typeof NodeView>;
