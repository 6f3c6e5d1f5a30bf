/** Where to dial, from the address of a control or switch as people write it. */
import { AGENT_PATH, DATA_PATH, socketUrl } from '@etherloom/schema';

/** `http://host:8080` or `ws+unix:/run/control.sock` as the agents' WebSocket. */
export function agentUrl(control: string): string {
  return socketUrl(control, AGENT_PATH);
}

/** The data WebSocket of the switch at `base`. */
export function dataUrl(base: string): string {
  return socketUrl(base, DATA_PATH);
}
