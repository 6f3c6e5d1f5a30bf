/** A failure told to the user as one line on stderr; `exitCode` is what the process ends with. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  /** Told without the name of this program in front, as the tool it stands for tells it. */
  readonly verbatim: boolean;

  constructor(message: string, { exitCode = 1, verbatim = false, cause }: CliErrorOptions = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.verbatim = verbatim;
  }
}

export interface CliErrorOptions extends ErrorOptions {
  readonly exitCode?: number;
  readonly verbatim?: boolean;
}

/** Why a file cannot be read. */
export function fileProblem(error: unknown): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
  };
  return words[String((error as { code?: unknown } | null)?.code)] ?? messageOf(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
