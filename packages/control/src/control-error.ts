/** Errors of the control path: `code` is an errno name, which the API turns into an HTTP status. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The errno name an error carries, or `fallback` when it carries none. */
export function errorCode(error: unknown, fallback = 'EIO'): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : fallback;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
