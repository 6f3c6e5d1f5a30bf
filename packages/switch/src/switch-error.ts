/** An error of the control path: `code` is an errno name, and the RPC carries it to whoever asked. */
import { NetError } from '@etherloom/netcore';

export function switchError(code: string, text: string): NetError {
  return new NetError(code, text);
}
