/** Starts and ends node processes, where control is the one to do so (`etherloom up`); elsewhere nodes start by themselves. */
import type { Stack } from '@etherloom/schema';

export interface LaunchedNode {
  readonly name: string;
  readonly stack: Stack;
  /** Where it is to dial control: http://HOST:PORT. */
  readonly controlUrl: string;
}

export interface NodeLauncher {
  /** Resolves when the process has started; it then dials control by itself. */
  launch(node: LaunchedNode): Promise<void>;
  /** Resolves when the process has ended. Of a node that does not run: at once. */
  stop(name: string): Promise<void>;
}
