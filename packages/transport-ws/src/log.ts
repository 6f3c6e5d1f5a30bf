/** What this package asks of a logger: the pino a root injects has it. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {} };
