/** What control asks of a logger: pino has it. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
