/** The rival of our broadcast: a plain `ws` server that gives each message to all of its other clients. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ManyClients } from '../ladder/many-clients.ts';
import type { Broadcast } from './broadcast-step.ts';
import { isClean, LAST_COPIES_MS } from './broadcast-step.ts';

/** A source alone and `ports` - 1 receivers. */
export function fanOutOf(relay: ManyClients, ports: number): Broadcast {
  const others = ports - 1;
  return async (copies, seconds) => {
    const before = await relay.sums();
    const rate = copies / others;
    await relay.pace(rate, seconds);
    const flowSeconds = (performance.now() - before.at) / 1000;
    await delay(LAST_COPIES_MS);
    const what = `a plain \`ws\` server, ${ports} clients, ${copies} copies a second`;
    const account = await relay.account(what, before, others);
    const after = await relay.sums();
    const latency = await relay.latency();
    const sent = after.sent - before.sent;
    return {
      copiesPerSecond: (sent * others) / Math.max(seconds, sent / rate),
      latency,
      clean: isClean(account, latency, sent >= rate * seconds * 0.99 - 1),
      account,
      cpu: {
        process: what,
        seconds: after.relay - before.relay,
        wallSeconds: flowSeconds,
      },
    };
  };
}
