/**
 * Brings the agents to the lab: each gets its slice whenever the lab, or the place of the switch, changes, and again
 * when it has been away. What they were seen to do says whether the lab has converged. Frames never wait for this.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Lab, NodeApply } from '@etherloom/schema';
import type { Agent, HubListener } from './agent-hub.ts';
import { NodeState, SwitchState } from './agent-state.ts';
import type { Outcome, Refusal } from './agent-sync.ts';
import type { Clock } from './clock.ts';
import { missing, type Seen } from './readiness.ts';
import { changedDevices, nodeSlice, switchSlice } from './slices.ts';

const FIRST_POLL_MS = 250;
const MAX_POLL_MS = 2_000;
/** Looking at what is missing may take one part in so many of the time. */
const LOOK_SHARE = 10;

/** What one agent made of a change. */
export interface Verdict {
  /** In words: `node h1`, `the switch`. */
  readonly who: string;
  readonly refusals: readonly Refusal[];
  /** Why there was no answer; null when there was. */
  readonly silence: string | null;
}

export class Reconciler implements HubListener, Seen {
  readonly switch: SwitchState;
  readonly #clock: Clock;
  readonly #nodes = new Map<string, NodeState>();
  readonly #carrierOff = new Set<string>();
  readonly #watchers = new Set<(missing: readonly string[]) => void>();
  readonly #launchProblem: (name: string) => string | null;
  #lab: Lab | null = null;
  /** No lab has been set or removed yet: agents that run are left alone. */
  #idle = true;
  #dataUrl: string | null = null;
  #lastMissing: readonly string[] = [];
  #pollTimer: unknown = null;
  #polls = 0;
  #reviewing = false;
  #lookAgainAt = 0;
  /** Grows with all that agents tell. */
  #news = 0;
  #closed = false;

  constructor(clock: Clock, launchProblem: (name: string) => string | null = () => null) {
    this.#clock = clock;
    this.#launchProblem = launchProblem;
    this.switch = new SwitchState(clock, () => this.#reviewSoon());
  }

  /** The lab as it should be, at once and without waiting for anybody. */
  set(lab: Lab | null): void {
    this.#adopt(lab);
    this.#retarget();
  }

  /**
   * Brings every connected agent that `lab` concerns to it, and resolves with what they said. The switch goes first:
   * when a node plugs a device in, its link is there.
   */
  async push(lab: Lab | null): Promise<Verdict[]> {
    const before = this.#lab;
    this.#adopt(lab);
    const slice = switchSlice(lab);
    const moved = !isDeepStrictEqual(switchSlice(before), slice);
    this.switch.sync.set(slice);
    const switched = moved ? [await this.#pushSwitch(lab)] : [];
    if (switched.some((verdict) => verdict.refusals.length > 0)) return switched;
    const nodes = [...this.#nodes].map(([name, node]) => this.#pushNode(name, node, before, lab));
    return [...switched, ...(await Promise.all(nodes)).filter((verdict) => verdict !== null)];
  }

  node(name: string): NodeState | undefined {
    return this.#nodes.get(name);
  }

  nodeNames(): string[] {
    return [...this.#nodes].filter(([, node]) => node.connected).map(([name]) => name);
  }

  launchProblem(name: string): string | null {
    return this.#launchProblem(name);
  }

  carrierOff(node: string, device: string): boolean {
    return this.#carrierOff.has(`${node}:${device}`);
  }

  noteCarrier(node: string, device: string, on: boolean): void {
    if (on) this.#carrierOff.delete(`${node}:${device}`);
    else this.#carrierOff.add(`${node}:${device}`);
    this.review();
  }

  missing(): string[] {
    return missing(this.#lab, this);
  }

  /** What was missing when it was last looked at, which is after every change and never long ago; a yes is made sure of. */
  lastMissing(): readonly string[] {
    return this.#lastMissing.length > 0 ? this.#lastMissing : this.missing();
  }

  /** Calls `fn` with what is missing, now and whenever that changes; returns what ends it. */
  watch(fn: (missing: readonly string[]) => void): () => void {
    this.#watchers.add(fn);
    fn(this.lastMissing());
    return () => this.#watchers.delete(fn);
  }

  /** Asks every connected agent what there is. */
  async observe(): Promise<void> {
    await Promise.all([this.switch.observe(), ...[...this.#nodes.values()].map((node) => node.observe())]);
  }

  joined(agent: Agent): void {
    if (agent.role === 'switch') {
      this.#dataUrl = agent.dataUrl;
      this.switch.join(agent);
      this.#retarget();
      return;
    }
    // The others have their slices: a lab of many nodes comes up in as many steps, not in their square.
    const node = this.#stateOf(agent.name);
    if (!this.#idle) node.sync.set(nodeSlice(this.#lab, agent.name, this.#dataUrl));
    node.join(agent);
    this.#reviewSoon();
  }

  left(agent: Agent): void {
    if (agent.role === 'switch') {
      this.switch.leave();
      return;
    }
    for (const key of this.#carrierOff) if (key.startsWith(`${agent.name}:`)) this.#carrierOff.delete(key);
    this.#nodes.get(agent.name)?.leave();
    if (this.#lab === null || !Object.hasOwn(this.#lab.nodes, agent.name)) this.#nodes.delete(agent.name);
  }

  notified(agent: Agent, method: string, params: unknown): void {
    const state = agent.role === 'switch' ? this.switch : this.#nodes.get(agent.name);
    state?.note(method, params);
  }

  close(): void {
    this.#closed = true;
    if (this.#pollTimer !== null) this.#clock.clearTimer(this.#pollTimer);
    this.switch.sync.disconnect();
    for (const node of this.#nodes.values()) node.sync.disconnect();
  }

  /** Looks again at what is missing, tells the watchers, and goes on asking while something is. */
  review(): void {
    if (this.#closed) return;
    const now = this.missing();
    if (!isDeepStrictEqual(now, this.#lastMissing)) {
      this.#lastMissing = now;
      this.#polls = 0;
      for (const watcher of this.#watchers) watcher(now);
    }
    if (now.length > 0) this.#pollLater();
  }

  /** Once for all that agents tell in one turn; of a large lab, where a look takes long, only now and then. */
  #reviewSoon(): void {
    this.#news++;
    if (this.#reviewing) return;
    this.#reviewing = true;
    const look = () => {
      this.#reviewing = false;
      const from = this.#clock.now();
      this.review();
      this.#lookAgainAt = this.#clock.now() + LOOK_SHARE * (this.#clock.now() - from);
    };
    const wait = this.#lookAgainAt - this.#clock.now();
    if (wait < 1) setImmediate(look);
    else this.#clock.setTimer(look, wait);
  }

  #adopt(lab: Lab | null): void {
    if (lab !== null || this.#lab !== null) this.#idle = false;
    this.#lab = lab;
  }

  #retarget(): void {
    if (!this.#idle) {
      this.switch.sync.set(switchSlice(this.#lab));
      for (const [name, node] of this.#nodes) node.sync.set(nodeSlice(this.#lab, name, this.#dataUrl));
    }
    this.review();
  }

  async #pushSwitch(lab: Lab | null): Promise<Verdict> {
    return verdict('the switch', await this.switch.sync.push(switchSlice(lab)), () => true);
  }

  /** Null when the change does not concern the node. */
  async #pushNode(
    name: string,
    node: NodeState,
    before: Lab | null,
    lab: Lab | null,
  ): Promise<Verdict | null> {
    const slice = nodeSlice(lab, name, this.#dataUrl);
    const old: NodeApply | null = nodeSlice(before, name, this.#dataUrl);
    if (isDeepStrictEqual(old, slice)) {
      node.sync.set(slice);
      return null;
    }
    if (slice === null)
      return { who: `node ${name}`, refusals: [], silence: 'no switch has connected yet, and it needs one' };
    // A device that this change does not touch may be failing for reasons of its own.
    const changed = changedDevices(old, slice);
    const outcome = await node.sync.push(slice);
    return verdict(`node ${name}`, outcome, ({ what }) => what === '' || changed.has(what));
  }

  #stateOf(name: string): NodeState {
    let node = this.#nodes.get(name);
    if (node === undefined) {
      node = new NodeState(this.#clock, () => this.#reviewSoon());
      this.#nodes.set(name, node);
    }
    return node;
  }

  /** Agents tell what changes; asking them all, once they have fallen silent, finds what a lost word would have told. */
  #pollLater(): void {
    if (this.#pollTimer !== null) return;
    const delay = Math.min(MAX_POLL_MS, FIRST_POLL_MS * 2 ** Math.min(this.#polls++, 8));
    const news = this.#news;
    this.#pollTimer = this.#clock.setTimer(() => {
      const asked = news === this.#news ? this.observe() : Promise.resolve();
      void asked.then(() => {
        this.#pollTimer = null;
        this.review();
      });
    }, delay);
  }
}

function verdict(who: string, outcome: Outcome, concerns: (refusal: Refusal) => boolean): Verdict {
  return {
    who,
    refusals: outcome.state === 'refused' ? outcome.refusals.filter(concerns) : [],
    silence: outcome.state === 'unreachable' ? outcome.reason : null,
  };
}
