/** What went wrong with a call: the server's problem, or that no server answered. */
import type { Problem } from '@etherloom/schema';

export class ClientError extends Error {
  /** Errno name: of the problem, or of what kept us from the server. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** As sent by the server; null when the answer was none of its own. */
  readonly problem: Problem | null;

  constructor(
    code: string,
    status: number,
    message: string,
    problem: Problem | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
    this.status = status;
    this.problem = problem;
  }
}
