/**
 * `/v1/traces`: starts a trace at every agent, and puts together what they saw. A frame is known by its bytes, so what
 * one agent saw of it and what another did become one list in order of time. A trace ends by itself: agents forget theirs
 * when its time is over, this one a while later.
 */
import type { TraceService } from '@etherloom/api';
import type { RpcParams, Trace, TraceRequest, TraceSeen } from '@etherloom/schema';
import { RpcError } from '@etherloom/transport-ws';
import type { Agent } from './agent-hub.ts';
import { named, THE_SWITCH } from './agents.ts';
import type { Clock } from './clock.ts';
import { ControlError } from './control-error.ts';
import type { Reconciler } from './reconciler.ts';
import { mergeTraces } from './trace-merge.ts';

const MAX_TRACES = 8;
/** Agents look at more frames than are asked for: not all of them see the same ones first. */
const SPARE_FRAMES = 64;
const MAX_EVENTS = 4096;
/** An agent that hangs holds up nobody's trace. */
const ANSWER_MS = 2_000;
/** What was seen can be read for so long after the end. */
const KEEP_S = 60;

interface Running {
  readonly request: TraceRequest;
  /** What counts as the end; ms. */
  readonly until: number;
  agents: readonly Agent[];
  readonly timer: unknown;
  trace: Trace;
}

export function traceService(reconciler: Reconciler, clock: Clock): TraceService {
  const running = new Map<string, Running>();
  let next = 1;
  const get = (id: string) => {
    const found = running.get(id);
    if (found !== undefined) return found;
    throw new ControlError('ENOENT', `there is no trace ${id}: it has ended, or never was`);
  };
  const end = async (id: string) => {
    const { agents, timer } = get(id);
    running.delete(id);
    clock.clearTimer(timer);
    await Promise.allSettled(agents.map((agent) => agent.call('trace.stop', { id }, ANSWER_MS)));
  };
  /** One that nobody ended, and whose time is over, gives way. */
  const makeRoom = async () => {
    if (running.size < MAX_TRACES) return;
    const over = [...running].find(([, { until }]) => until <= clock.now());
    if (over === undefined)
      throw new ControlError('EBUSY', `${MAX_TRACES} traces are on already: end one first`);
    await end(over[0]);
  };
  return {
    create: async (request) => {
      await makeRoom();
      const asked = agentsOf(reconciler, request);
      const id = (next++).toString(36) + Math.floor(clock.now()).toString(36);
      const { filter, count, timeout } = request;
      const trace: Trace = { id, filter, done: false, clock: 'monotonic', lost: 0, frames: [] };
      const keep = timeout + KEEP_S;
      const start = { id, filter, frames: count * 2 + SPARE_FRAMES, events: MAX_EVENTS, timeout: keep };
      const timer = clock.setTimer(() => running.delete(id), keep * 1000);
      // Why all of them at first: whoever has been told has to be told of the end as well.
      const entry: Running = { request, until: clock.now() + timeout * 1000, agents: asked, timer, trace };
      running.set(id, entry);
      try {
        entry.agents = await startAt(asked, start);
      } catch (error) {
        if (running.has(id)) await end(id);
        throw error;
      }
      return trace;
    },
    get: async (id) => {
      const found = get(id);
      const seen = await Promise.all(found.agents.map((agent) => readAgent(agent, id)));
      const merged = mergeTraces(
        id,
        found.request,
        seen.filter((each) => each !== null),
      );
      const done = merged.frames.length >= found.request.count || clock.now() >= found.until;
      return { ...merged, done };
    },
    delete: end,
  };
}

/** The switch and all nodes; a node that is named must be there. */
function agentsOf(reconciler: Reconciler, { filter }: TraceRequest): Agent[] {
  const nodes = reconciler.nodeNames().map((name) => reconciler.node(name)?.agent);
  const agents = [...nodes, reconciler.switch.agent].filter((agent) => agent != null);
  const { node } = filter;
  if (node !== undefined && !isNode(agents, node))
    throw new ControlError('ENODEV', `node ${node} is not connected`);
  if (agents.length === 0) throw new ControlError('ENETDOWN', 'no node and no switch is connected');
  return agents;
}

/** Those that follow it. Silence is an error of the one node that is asked about, or of all; a refusal is one of anybody's. */
async function startAt(agents: readonly Agent[], start: RpcParams<'trace.start'>): Promise<Agent[]> {
  const answers = await Promise.allSettled(
    agents.map((agent) => named(agent, nameOf(agent)).call('trace.start', start, ANSWER_MS)),
  );
  const started = agents.filter((_, i) => answers[i]!.status === 'fulfilled');
  const { node } = start.filter;
  const silenceCounts = started.length === 0 || (node !== undefined && !isNode(started, node));
  for (const answer of answers) {
    if (answer.status === 'rejected' && (silenceCounts || answer.reason instanceof RpcError))
      throw answer.reason;
  }
  return started;
}

function isNode(agents: readonly Agent[], node: string): boolean {
  return agents.some(({ role, name }) => role === 'node' && name === node);
}

function nameOf({ role, name }: Agent): string {
  return role === 'node' ? `node ${name}` : THE_SWITCH;
}

/** Null when the agent has gone, or come back without the trace. */
async function readAgent(agent: Agent, id: string): Promise<{ agent: string; seen: TraceSeen } | null> {
  try {
    return {
      agent: agent.role === 'node' ? agent.name : 'switch',
      seen: await agent.call('trace.read', { id }, ANSWER_MS),
    };
  } catch {
    return null;
  }
}
