/** A control on a free port for each test, with agents and REST calls against it. */
import type { Lab } from '@etherloom/schema';
import { pino } from 'pino';
import { type ControlOptions, type RunningControl, startControl } from '../src/start-control.ts';
import { Fabric, FakeNode, FakeSwitch } from './fake-agents.ts';

/** Two nodes in one LAN; the cable of the second has a delay. */
export const LAB = {
  name: 'three',
  nodes: {
    h1: { devices: { eth0: { ip: '10.0.0.1/24' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
  },
  lans: { office: {} },
  links: [
    { name: 'c1', endpoints: ['h1:eth0', 'lan:office'] },
    { name: 'c2', endpoints: ['h2:eth0', 'lan:office'], impair: { forward: { delay: '10ms' } } },
  ],
};

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  readonly body: any;
}

export class ControlTest {
  control!: RunningControl;
  fabric = new Fabric();
  /** What the test has to end, newest first. */
  ended: Array<() => unknown> = [];

  async begin(): Promise<void> {
    this.ended = [];
    this.fabric = new Fabric();
    await this.start();
  }

  async end(): Promise<void> {
    for (const end of this.ended.toReversed()) await end();
  }

  async start(options: Partial<ControlOptions> = {}): Promise<RunningControl> {
    const started = await startControl({ port: 0, log: pino({ level: 'silent' }), ...options });
    this.ended.push(() => started.close());
    this.control = started;
    return started;
  }

  async connect<A extends FakeNode | FakeSwitch>(agent: A): Promise<A> {
    this.ended.push(() => agent.stop());
    await agent.start();
    return agent;
  }

  node(name: string): Promise<FakeNode> {
    return this.connect(new FakeNode({ url: this.control.url, name, fabric: this.fabric }));
  }

  switch(name = 's1'): Promise<FakeSwitch> {
    return this.connect(new FakeSwitch({ url: this.control.url, name, fabric: this.fabric }));
  }

  async rest(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.control.url}${path}`, { method, headers, ...payload });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async desired(): Promise<Lab> {
    return (await this.rest('GET', '/v1/lab')).body;
  }

  converged(): Promise<void> {
    return this.control.converged(AbortSignal.timeout(4_000));
  }

  /** The lab up: a switch and two nodes, all as they should be. */
  async wholeLab() {
    const sw = await this.switch();
    const h1 = await this.node('h1');
    const h2 = await this.node('h2');
    const { status, body } = await this.rest('PUT', '/v1/lab', LAB);
    if (status !== 200) throw new Error(`the lab was refused: ${body.detail}`);
    await this.converged();
    return { sw, h1, h2 };
  }
}
