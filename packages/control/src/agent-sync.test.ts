import { VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { AgentSync, type Refusal } from './agent-sync.ts';

/** An agent whose answers the test gives one by one. */
class Answers {
  readonly sent: string[] = [];
  readonly #open: Array<{ resolve: (refusals: Refusal[]) => void; reject: (error: Error) => void }> = [];

  readonly send = (slice: string): Promise<Refusal[]> => {
    this.sent.push(slice);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  };
  async take(): Promise<void> {
    this.#open.shift()!.resolve([]);
    await settled();
  }
  async refuse(what: string): Promise<void> {
    this.#open.shift()!.resolve([{ what, code: 'EPERM', message: 'no' }]);
    await settled();
  }
  async fail(): Promise<void> {
    this.#open.shift()!.reject(new Error('lost'));
    await settled();
  }
}

/** Lets promises that are settled run on; no time passes. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function setUp() {
  const clock = new VirtualHost();
  const agent = new Answers();
  const sync = new AgentSync<string>(clock);
  return { clock, agent, sync };
}

describe('AgentSync', () => {
  test('sends one slice at a time, and of those that came meanwhile only the newest', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    for (const slice of ['a', 'b', 'c', 'd']) sync.set(slice);
    expect(agent.sent).toEqual(['a']);
    await agent.take();
    expect(agent.sent).toEqual(['a', 'd']);
    await agent.take();
    expect(sync.applied).toBe(true);
  });

  test('does not send what the agent has taken already', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    await agent.take();
    sync.set('a');
    expect(await sync.push('a')).toEqual({ state: 'applied' });
    expect(agent.sent).toEqual(['a']);
  });

  test('asks again after 100 ms, then twice as long each time, at most 5 s, until the slice is taken', async () => {
    const { clock, agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    for (const delay of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      const before = agent.sent.length;
      await agent.refuse('eth0');
      clock.advance(delay - 1);
      expect(agent.sent.length).toBe(before);
      clock.advance(1);
      expect(agent.sent.length).toBe(before + 1);
    }
    await agent.take();
    expect(sync).toMatchObject({ applied: true, refusals: [] });
    expect(clock.pendingTimers).toBe(0);
  });

  test('sends a new slice at once, whatever the last one waits for', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    await agent.refuse('eth0');
    expect(sync.refusals).toEqual([{ what: 'eth0', code: 'EPERM', message: 'no' }]);
    sync.set('b');
    expect(agent.sent).toEqual(['a', 'b']);
  });

  test('sends the slice again to an agent that has been away', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    await agent.take();
    sync.disconnect();
    sync.set('b');
    expect(agent.sent).toEqual(['a']);
    const back = new Answers();
    sync.connect(back.send);
    expect(back.sent).toEqual(['b']);
  });

  test('after a refused slice the one before it is sent again, for nobody knows what is left of it', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    await agent.take();
    const pushed = sync.push('b');
    await agent.refuse('eth0');
    expect(await pushed).toMatchObject({ state: 'refused' });
    sync.set('a');
    expect(agent.sent).toEqual(['a', 'b', 'a']);
  });

  test('a push ends when the agent goes, does not answer, or is not there', async () => {
    const { agent, sync } = setUp();
    expect(await sync.push('a')).toMatchObject({ state: 'unreachable' });
    sync.connect(agent.send);
    const lost = sync.push('b');
    sync.disconnect();
    expect(await lost).toMatchObject({ state: 'unreachable' });
    await agent.fail();
    sync.connect(agent.send);
    await agent.take();
    const failed = sync.push('c');
    await agent.fail();
    expect(await failed).toMatchObject({ state: 'unreachable', reason: 'EIO: lost' });
  });

  test('a push during a request is answered by the next one, not by that one', async () => {
    const { agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    let outcome: unknown = null;
    void sync.push('b').then((result) => {
      outcome = result;
    });
    await agent.take();
    expect(outcome).toBeNull();
    await agent.take();
    expect(outcome).toEqual({ state: 'applied' });
  });

  test('a push does not wait for an agent that has fallen silent, until it answers again', async () => {
    const { clock, agent, sync } = setUp();
    sync.connect(agent.send);
    sync.set('a');
    await agent.fail();
    expect(await sync.push('b')).toEqual({ state: 'unreachable', reason: 'EIO: lost' });
    expect(agent.sent).toEqual(['a', 'b']);
    await agent.take();
    expect(sync).toMatchObject({ applied: true, problem: null });
    const pushed = sync.push('c');
    await agent.take();
    expect(await pushed).toEqual({ state: 'applied' });
    expect(clock.pendingTimers).toBe(0);
  });
});
