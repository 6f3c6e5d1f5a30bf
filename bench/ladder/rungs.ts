/** The rungs, from raw TCP to our switch. */
import { LadderChild } from './ladder-child.ts';
import { ours } from './our-rung.ts';
import { end, type Rung, type RungSpec, settle } from './rung.ts';

async function rawTcp(size: number): Promise<Rung> {
  const sink = end('sink', 'tcp', 'listen', size);
  const { port } = await sink.next();
  const source = end('source', 'tcp', String(port), size);
  await source.next();
  const label = 'raw TCP, no relay';
  return {
    id: 'tcp',
    label,
    source,
    sink,
    middle: () => null,
    account: () => settle(label, { source, sink }),
    close: async () => {
      await Promise.all([source.close(), sink.close()]);
    },
  };
}

/** A relay of our own making, with `net` or `ws`. */
function relayed(id: string, label: string, kind: 'net' | 'ws', single = false): RungSpec {
  return {
    id,
    label,
    open: async (size) => {
      const relay = new LadderChild('relay-process.ts', ['--kind', kind]);
      const { port } = await relay.next();
      const url = kind === 'net' ? String(port) : `ws://127.0.0.1:${port}`;
      const of = kind === 'net' ? 'tcp' : 'ws';
      const more = single ? ['--single'] : [];
      const sink = end('sink', of, url, size, ...more);
      await sink.next();
      const source = end('source', of, url, size, ...more);
      await source.next();
      return {
        id,
        label,
        source,
        sink,
        middle: () => relay.cpuSeconds,
        account: () => settle(label, { source, sink }),
        close: async () => {
          await Promise.all([source.close(), sink.close(), relay.close()]);
        },
      };
    },
  };
}

export const RUNGS: readonly RungSpec[] = [
  { id: 'tcp', label: 'raw TCP, no relay', open: rawTcp },
  relayed('net-relay', '`net` relay, length prefix', 'net'),
  relayed('ws-single-relay', '`ws` relay, a message a frame', 'ws', true),
  relayed('ws-batched-relay', '`ws` relay, a message a batch', 'ws'),
  { id: 'etherloom', label: 'Etherloom, plain clients', open: ours },
];
