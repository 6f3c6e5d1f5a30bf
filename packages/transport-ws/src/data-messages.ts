/** The text messages of the data channel. */
import type { CableMessage, Welcome } from '@etherloom/transport';

export interface Hello {
  readonly type: 'hello';
  readonly node: string;
  readonly device: string;
  readonly mac: string;
  readonly mtu: number;
  readonly epoch: string;
  readonly tx: number;
  readonly rx: number;
  readonly up: boolean;
  readonly features: readonly string[];
}

export interface WelcomeMessage extends Welcome {
  readonly type: 'welcome';
}

export interface Bye {
  readonly type: 'bye';
  readonly code: 'moving' | 'replaced' | 'refused';
  readonly reason: string;
}

export type DataMessage = Hello | WelcomeMessage | Bye | CableMessage;

/** The message, or a text that says what is wrong with it. */
export function parseDataMessage(text: string): DataMessage | string {
  try {
    return JSON.parse(text) as DataMessage;
  } catch {
    return 'not JSON';
  }
}
