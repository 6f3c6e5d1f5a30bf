/**
 * Text messages of the data WebSocket (`/v1/data`, subprotocol `etherloom.v1`).
 * Unknown keys are dropped and not refused here: two versions of the program must be able to greet each other.
 */
import { z } from 'zod';
import { Mtu } from './device.ts';
import { Mac } from './mac.ts';
import { Ifname, NodeName } from './names.ts';

export const DATA_PATH = '/v1/data';
export const DATA_PROTOCOL = 'etherloom.v1';

const Features = z.array(z.string().max(64)).max(32);
/** Frames. The bound keeps sums of a few exact. */
const Count = z
  .int()
  .min(0)
  .max(2 ** 50);
const Id = z.int().min(0);

/** The client's first message; tx and rx are all this device incarnation (epoch) ever sent to and got from the cable. */
export const DataHello = z.object({
  type: z.literal('hello'),
  node: NodeName,
  device: Ifname,
  mac: Mac,
  mtu: Mtu,
  epoch: z.string().min(1).max(64),
  tx: Count,
  rx: Count,
  up: z.boolean(),
  features: Features,
});
export type DataHello = z.output<typeof DataHello>;

/** Why there is no carrier: the cable is whole, and what is at its other end is down. */
const Lower = z.boolean().optional();

export const DataWelcome = z.object({
  type: z.literal('welcome'),
  port: z.int(),
  mtu: z.int(),
  carrier: z.boolean(),
  lower: Lower,
  features: Features,
});
export type DataWelcome = z.output<typeof DataWelcome>;

export const DataBye = z.object({
  type: z.literal('bye'),
  code: z.enum(['moving', 'replaced', 'refused']),
  reason: z.string(),
});
export type DataBye = z.output<typeof DataBye>;

/** From the switch: the carrier to show. From the node: its admin state. */
export const DataCarrier = z.object({ type: z.literal('carrier'), on: z.boolean(), lower: Lower });
export type DataCarrier = z.output<typeof DataCarrier>;

export const DataMtu = z.object({ type: z.literal('mtu'), mtu: Mtu });
export type DataMtu = z.output<typeof DataMtu>;

/** The switch's question, in order with the data: cut the counters here. tx is what it has sent so far. */
export const DataMark = z.object({ type: z.literal('mark'), id: Id, tx: Count });
export type DataMark = z.output<typeof DataMark>;

/** The node's answer: what it had sent and received when the question arrived. */
export const DataMarkReply = z.object({ type: z.literal('mark'), id: Id, tx: Count, rx: Count });
export type DataMarkReply = z.output<typeof DataMarkReply>;

/** What a node may say to a switch. */
export const DataFromNode = z.discriminatedUnion('type', [DataHello, DataCarrier, DataMtu, DataMarkReply]);
export type DataFromNode = z.output<typeof DataFromNode>;

/** What a switch may say to a node. */
export const DataFromSwitch = z.discriminatedUnion('type', [
  DataWelcome,
  DataBye,
  DataCarrier,
  DataMtu,
  DataMark,
]);
export type DataFromSwitch = z.output<typeof DataFromSwitch>;
