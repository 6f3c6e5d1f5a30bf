/**
 * What the process that listens and its workers say to each other, over the channel of a forked process. Requests are
 * answered; sockets travel beside the messages (shard-channel.ts). Both ends are of one version, so this may change.
 */
import { DataHello, LinkState, SWITCH_METHODS } from '@etherloom/schema';
import { z } from 'zod';
import type { SwitchMethod } from './switch-service.ts';
import type { PortState, ShardLoad, UnitState } from './unit-state.ts';

const methods = Object.keys(SWITCH_METHODS) as [SwitchMethod, ...SwitchMethod[]];
const Endpoint = z.object({ endpoint: z.string() });
const Nothing = z.object({});

/** Its shape is the compiler's: it comes from the same code in the other process. */
const Unit = z.custom<UnitState>((value) => isObject(value) && typeof value['key'] === 'string');
const Port = z.custom<PortState>((value) => isObject(value) && typeof value['endpoint'] === 'string');

const Load = z.custom<ShardLoad>((value) => isObject(value) && typeof value['cpu'] === 'number');

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What a worker is asked. */
export const SHARD_METHODS = {
  /** A method of the agent RPC, whose params the shard checks. */
  agent: { params: z.object({ method: z.enum(methods), params: z.unknown() }), result: z.unknown() },
  load: { params: Nothing, result: Load },
  /** The sockets of the unit come with the answer; null: no such unit. */
  lift: { params: z.object({ key: z.string() }), result: Unit.nullable() },
  land: { params: z.object({ state: Unit }), result: Nothing },
  liftPort: { params: Endpoint, result: Port.nullable() },
  landPort: { params: z.object({ state: Port }), result: Nothing },
  /** With the socket of a device that has said this hello. */
  admit: { params: z.object({ hello: DataHello }), result: Nothing },
  admitRaw: { params: z.object({ lan: z.string(), name: z.string() }), result: Nothing },
  /** Sends everybody away. */
  close: { params: z.object({ reason: z.string() }), result: Nothing },
} as const;
export type ShardMethod = keyof typeof SHARD_METHODS;
export type ShardParams<M extends ShardMethod> = z.output<(typeof SHARD_METHODS)[M]['params']>;
export type ShardResult<M extends ShardMethod> = z.output<(typeof SHARD_METHODS)[M]['result']>;

/** What a worker tells unasked. */
export const SHARD_EVENTS = {
  link: z.object({ link: LinkState }),
  log: z.object({ level: z.enum(['debug', 'info', 'warn']), fields: z.looseObject({}), text: z.string() }),
} as const;
export type ShardEvent = keyof typeof SHARD_EVENTS;
export type ShardNews<E extends ShardEvent> = z.output<(typeof SHARD_EVENTS)[E]>;

const Failure = z.object({ code: z.string(), message: z.string() });
const sockets = z.int().min(0);

/** A message as it crosses; `sockets` were sent just before it, each with a `socket` of its own. */
export const ShardMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('socket'), head: z.instanceof(Uint8Array), raw: z.boolean() }),
  z.object({ kind: z.literal('call'), id: z.int(), method: z.string(), params: z.unknown(), sockets }),
  z.object({ kind: z.literal('answer'), id: z.int(), result: z.unknown(), sockets }),
  z.object({ kind: z.literal('failed'), id: z.int(), error: Failure }),
  z.object({ kind: z.literal('news'), event: z.string(), params: z.unknown() }),
]);
export type ShardMessage = z.output<typeof ShardMessage>;
