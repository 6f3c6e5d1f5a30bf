/** The composition root of a node: a network namespace of devices, their cables over WebSockets, an agent of control. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Net, type NetDevice } from '@etherloom/netcore';
import { AGENT_PROTOCOL, type Stack } from '@etherloom/schema';
import { RpcClient, type TickWheel, WsTransport } from '@etherloom/transport-ws';
import type { Logger } from 'pino';
import { Agent, type RefusedError } from './agent.ts';
import { agentUrl, dataUrl } from './agent-url.ts';
import { ChangeNotes } from './change-notes.ts';
import { DeviceManager } from './device-manager.ts';
import type { NodeDriver } from './driver-run.ts';
import { LinuxNodeStack } from './linux-node-stack.ts';
import { nodeHost } from './node-host.ts';
import { bareStack, type NodeStack } from './node-stack.ts';
import { NodeTraces } from './trace.ts';
import { UserNodeStack } from './user-node-stack.ts';

export interface NodeOptions {
  readonly name: string;
  /** Wins over the stack the lab says. */
  readonly stack?: Stack | undefined;
  /** ws:, wss:, http:, https: or ws+unix: */
  readonly controlUrl: string;
  readonly token?: string | undefined;
  /** PEM of a private certificate authority. */
  readonly ca?: string | Buffer | undefined;
  /** Where the switch is, whatever control says. */
  readonly switchUrl?: string | undefined;
  /** Named network namespace for the Linux interfaces of `stack: kernel`; absent: the one this process is in. */
  readonly netns?: string | undefined;
  /** Drives the devices that would be wslinks: a user's, from openDriver. */
  readonly driver?: NodeDriver | undefined;
  /** For the heartbeats of several nodes of one process. */
  readonly wheel?: TickWheel;
  readonly log: Logger;
}

export interface RunningNode {
  /** The namespace of its devices, for a program that puts traffic or a driver of its own on them. */
  readonly net: Net;
  /** Resolves, with the reason, when control will never take this node in: a name in use, a wrong token. */
  readonly refused: Promise<RefusedError>;
  /** Takes every device and Linux interface away. */
  close(): void;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export function startNode(options: NodeOptions): RunningNode {
  const { name, log, token, ca, wheel } = options;
  const dialling = { token, ca, random: nodeHost.random, log, wheel };
  const net = new Net(nodeHost, { printk: (text) => log.warn({}, text) });
  const devices = new DeviceManager({
    net,
    node: name,
    driver: options.driver,
    log,
    openCable: (url, hello) =>
      new WsTransport({ ...dialling, url: options.switchUrl ? dataUrl(options.switchUrl) : url, hello }),
    makeStack: (stack) => makeStack(stack, net, options),
  });
  const client = new RpcClient({ ...dialling, url: agentUrl(options.controlUrl), protocol: AGENT_PROTOCOL });
  const hello = { role: 'node', name, version, pid: process.pid } as const;
  let refuse!: (error: RefusedError) => void;
  const refused = new Promise<RefusedError>((resolve) => {
    refuse = resolve;
  });
  const traces = new NodeTraces(net);
  const agent = new Agent({ client, devices, traces, hello, stack: options.stack, log, onrefused: refuse });
  const notes = new ChangeNotes<NetDevice>(nodeHost, (dev) => agent.changed(dev));
  net.registerNetdeviceNotifier((_event, dev) => notes.add(dev));
  client.open();
  return {
    net,
    refused,
    close: () => {
      agent.close();
      traces.stopAll();
      devices.close();
      net.stop();
    },
  };
}

function makeStack(stack: Stack, net: Net, { netns, log }: NodeOptions): NodeStack {
  switch (stack) {
    case 'user':
      return new UserNodeStack(net);
    case 'kernel':
      return new LinuxNodeStack(net, netns, log);
    case 'none':
      return bareStack;
  }
}
