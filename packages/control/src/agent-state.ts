/** What control knows of one agent: the slice it should have, and what it was seen to do. */
import {
  CONTROL_EVENTS,
  type IpLink,
  type LinkState,
  type NodeApply,
  type SwitchApply,
} from '@etherloom/schema';
import { RpcError } from '@etherloom/transport-ws';
import type { Agent } from './agent-hub.ts';
import { AgentSync, type Outcome, type Refusal } from './agent-sync.ts';
import type { Clock } from './clock.ts';
import { errorCode, errorText } from './control-error.ts';

const OBSERVE_TIMEOUT_MS = 2_000;
/** An agent that never stops telling is not asked for ever. */
const OBSERVE_AGAIN = 2;
/** What is told of so many things at most, and asking tells what there is. */
const MAX_TOLD = 10_000;

/** One agent of either role; `O` is what is observed of it, by name. */
abstract class AgentState<S, O> {
  readonly sync: AgentSync<S>;
  agent: Agent | null = null;
  /** Null until the agent has been asked. */
  observed: Map<string, O> | null = null;
  readonly #changed: () => void;
  #notes = 0;

  constructor(clock: Clock, changed: () => void) {
    this.#changed = changed;
    this.sync = new AgentSync<S>(clock, (outcome) => this.#settled(outcome));
  }

  protected abstract send(agent: Agent, slice: S): Promise<readonly Refusal[]>;
  protected abstract list(agent: Agent): Promise<Map<string, O>>;
  abstract note(method: string, params: unknown): void;

  get connected(): boolean {
    return this.agent !== null;
  }
  get applied(): boolean {
    return this.sync.applied;
  }
  get refusals(): readonly Refusal[] {
    return this.sync.refusals;
  }
  get problem(): string | null {
    return this.sync.problem;
  }

  join(agent: Agent): void {
    this.agent = agent;
    this.observed = null;
    this.sync.connect((slice) => refusalsOf(this.send(agent, slice)));
    // One that has been sent its slice is asked when it has taken it.
    if (!this.sync.busy) void this.observe();
  }

  leave(): void {
    this.agent = null;
    this.observed = null;
    this.sync.disconnect();
    this.#changed();
  }

  /** Asks the agent what there is now. An agent that does not answer leaves what was seen last. */
  async observe(again = OBSERVE_AGAIN): Promise<void> {
    const { agent } = this;
    if (agent === null) return;
    const notes = this.#notes;
    const seen = await this.list(agent).catch(() => null);
    if (seen === null || this.agent !== agent) return;
    this.observed = seen;
    this.#changed();
    // What was told meanwhile may be newer than the answer.
    if (notes !== this.#notes && again > 0) await this.observe(again - 1);
  }

  protected noted(name: string, value: O): void {
    this.#notes++;
    const { observed } = this;
    if (observed === null || (observed.size >= MAX_TOLD && !observed.has(name))) return;
    observed.set(name, value);
    this.#changed();
  }

  #settled(outcome: Outcome): void {
    this.#changed();
    if (outcome.state !== 'unreachable') void this.observe();
  }
}

export class NodeState extends AgentState<NodeApply, IpLink> {
  get devices(): ReadonlyMap<string, IpLink> | null {
    return this.observed;
  }

  note(method: string, params: unknown): void {
    if (method !== 'device.changed') return;
    const event = CONTROL_EVENTS['device.changed'].safeParse(params);
    if (event.success) this.noted(event.data.device.ifname, event.data.device);
  }

  protected override async send(agent: Agent, slice: NodeApply): Promise<readonly Refusal[]> {
    const { results } = await agent.call('node.apply', slice);
    return results.flatMap(({ device, error }) => (error === undefined ? [] : [{ what: device, ...error }]));
  }

  protected override async list(agent: Agent): Promise<Map<string, IpLink>> {
    const devices = await agent.call('device.list', {}, OBSERVE_TIMEOUT_MS);
    return new Map(devices.map((device) => [device.ifname, device]));
  }
}

export class SwitchState extends AgentState<SwitchApply, LinkState> {
  get links(): ReadonlyMap<string, LinkState> | null {
    return this.observed;
  }

  note(method: string, params: unknown): void {
    if (method !== 'link.changed') return;
    const event = CONTROL_EVENTS['link.changed'].safeParse(params);
    if (event.success) this.noted(event.data.link.name, event.data.link);
  }

  protected override async send(agent: Agent, slice: SwitchApply): Promise<readonly Refusal[]> {
    await agent.call('switch.apply', slice);
    return [];
  }

  protected override async list(agent: Agent): Promise<Map<string, LinkState>> {
    const { links } = await agent.call('switch.state', {}, OBSERVE_TIMEOUT_MS);
    return new Map(links.map((link) => [link.name, link]));
  }
}

/** An error the agent answered with is a refusal of the whole slice; silence stays an error. */
async function refusalsOf(answer: Promise<readonly Refusal[]>): Promise<readonly Refusal[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return [{ what: '', code: errorCode(error), message: errorText(error) }];
  }
}
