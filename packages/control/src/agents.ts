/** The agents as services call them: by name, or an error that says what to start; and whose silence it was. */

import { RpcError } from '@etherloom/transport-ws';
import type { Agent } from './agent-hub.ts';
import { ControlError, errorCode, errorText } from './control-error.ts';
import type { Reconciler } from './reconciler.ts';

export const THE_SWITCH = 'the switch';

/** What a service does with an agent. */
export type Callee = Pick<Agent, 'call'>;

export function nodeAgent(reconciler: Reconciler, name: string): Callee {
  const agent = reconciler.node(name)?.agent;
  if (agent) return named(agent, `node ${name}`);
  throw new ControlError(
    'ENETDOWN',
    `node ${name} is not connected: start it with etherloom node --name ${name} --control URL, or wait for it`,
  );
}

export function switchAgent(reconciler: Reconciler): Callee {
  const { agent } = reconciler.switch;
  if (agent) return named(agent, THE_SWITCH);
  throw new ControlError(
    'ENETDOWN',
    'no switch is connected: start one with etherloom switch --control URL, or wait for it',
  );
}

/** An answer is the agent's own words; that there was none says whose it would have been. */
export function named(agent: Agent, who: string): Callee {
  return {
    call: (method, params, timeoutMs) =>
      agent.call(method, params, timeoutMs).catch((cause: unknown) => {
        if (cause instanceof RpcError || cause instanceof ControlError) throw cause;
        throw new ControlError(errorCode(cause), `${who}: ${errorText(cause)}`, { cause });
      }),
  };
}
