/** The agents as services call them: by name, or an error that says what to start. */

import type { Agent } from './agent-hub.ts';
import { ControlError } from './control-error.ts';
import type { Reconciler } from './reconciler.ts';

export const THE_SWITCH = 'the switch';

export function nodeAgent(reconciler: Reconciler, name: string): Agent {
  const agent = reconciler.node(name)?.agent;
  if (agent) return agent;
  throw new ControlError(
    'ENETDOWN',
    `node ${name} is not connected: start it with etherloom node --name ${name} --control URL, or wait for it`,
  );
}

export function switchAgent(reconciler: Reconciler): Agent {
  const { agent } = reconciler.switch;
  if (agent) return agent;
  throw new ControlError(
    'ENETDOWN',
    'no switch is connected: start one with etherloom switch --control URL, or wait for it',
  );
}
