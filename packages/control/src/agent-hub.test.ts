import type { AddressInfo } from 'node:net';
import { AGENT_PATH, AGENT_PROTOCOL } from '@etherloom/schema';
import { VirtualHost } from '@etherloom/testkit';
import { createServer, createUpgradeRouter, listen, RpcClient, type RpcPeer } from '@etherloom/transport-ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AgentHub, type HubListener } from './agent-hub.ts';
import { silentLog } from './log.ts';

/** Writes down what the hub tells. */
class Heard implements HubListener {
  readonly events: string[] = [];

  joined({ name }: { name: string }): void {
    this.events.push(`${name} joined`);
  }
  left({ name }: { name: string }): void {
    this.events.push(`${name} left`);
  }
  notified({ name }: { name: string }, method: string): void {
    this.events.push(`${name} ${method}`);
  }
}

/** As soon as it is so; long only where the machine is busy. */
const eventually = <T>(look: () => T) => vi.waitFor(look, 4_000);

let clock: VirtualHost;
let heard: Heard;
let hub: AgentHub;
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  clock = new VirtualHost();
  heard = new Heard();
  hub = new AgentHub(heard, silentLog, clock);
  const server = createServer();
  const accept = (peer: RpcPeer) => hub.accept(peer, 'here');
  const routes = [{ kind: 'rpc' as const, path: AGENT_PATH, protocol: AGENT_PROTOCOL, accept }];
  const router = createUpgradeRouter({ server, authorize: () => true, routes });
  await listen(server, { port: 0 });
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${AGENT_PATH}`;
  close = async () => {
    await router.close();
    server.close();
  };
});
afterEach(() => close());

/** A connection that has said nothing yet, and how it ends. */
async function dial(): Promise<{ peer: RpcPeer; closed: Promise<[number, string]> }> {
  const client = new RpcClient({ url, protocol: AGENT_PROTOCOL, random: () => 0.5 });
  const peer = await new Promise<RpcPeer>((resolve) => {
    client.onconnect = resolve;
    client.open();
  });
  const closed = new Promise<[number, string]>((resolve) => {
    client.ondisconnect = (code, reason) => {
      client.close();
      resolve([code, reason]);
    };
  });
  return { peer, closed };
}
const hello = (name: string) => ({ role: 'node', name, version: '0', pid: 1 });

describe('the hub', () => {
  test('lets those go that do not say who they are within 5 s', async () => {
    const { closed } = await dial();
    await eventually(() => expect(clock.pendingTimers).toBe(1));
    clock.advance(5_000);
    expect(await closed).toEqual([1008, 'no agent.hello']);
    expect(heard.events).toEqual([]);
  });

  test('leaves nothing behind of one that came and went', async () => {
    const { peer, closed } = await dial();
    await peer.call('agent.hello', hello('h1'));
    expect(clock.pendingTimers).toBe(0);
    peer.close();
    await closed;
    await eventually(() => expect(heard.events).toEqual(['h1 joined', 'h1 left']));
    expect(hub.nodes()).toEqual([]);
  });

  test('hears nothing from one that was not taken in, and one connection has one name', async () => {
    const first = await dial();
    const second = await dial();
    await first.peer.call('agent.hello', hello('h1'));
    second.peer.notify('device.changed', {});
    const refused = second.peer.call('agent.hello', hello('h1'));
    second.peer.notify('device.changed', {}); // while the holder of the name is asked whether it is there
    await expect(refused).rejects.toMatchObject({ code: 'EEXIST' });
    second.peer.notify('device.changed', {});
    await second.peer.call('agent.hello', hello('h2'));
    await expect(second.peer.call('agent.hello', hello('h3'))).rejects.toMatchObject({ code: 'EINVAL' });
    expect(heard.events).toEqual(['h1 joined', 'h2 joined']);
    for (const { peer } of [first, second]) peer.close();
    await Promise.all([first.closed, second.closed]);
  });

  test('of many that claim one name at once exactly one gets it', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, dial));
    const answers = await Promise.allSettled(all.map(({ peer }) => peer.call('agent.hello', hello('h1'))));
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(hub.nodes().length).toBe(1);
    for (const { peer } of all) peer.close();
    await Promise.all(all.map(({ closed }) => closed));
  });
});
