/** The log of the long-running commands: a line of text for a person at a terminal, JSON for everything else. */
import process from 'node:process';
import { type Logger, pino } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Text, whatever stderr is. */
  readonly text?: boolean;
  /** Called before a line is written: takes a progress line out of its way. */
  readonly before?: () => void;
}

export function createLog({ level, text = process.stderr.isTTY, before }: LogOptions): Logger {
  const write = (line: string) => {
    before?.();
    process.stderr.write(text ? textLine(line) : line);
  };
  return pino({ level, base: null, serializers: { err: errorFields } }, { write });
}

const HIDDEN = new Set(['level', 'time', 'msg', 'node', 'err']);

/** `12:00:01 warn h1: lost control code=1006` */
export function textLine(json: string): string {
  const fields = JSON.parse(json) as Record<string, unknown>;
  const time = new Date(Number(fields['time'])).toTimeString().slice(0, 8);
  const level = pino.levels.labels[Number(fields['level'])] ?? 'info';
  const who = typeof fields['node'] === 'string' ? `${fields['node']}: ` : '';
  const rest = Object.entries(fields)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  const err = fields['err'] as { message?: unknown } | undefined;
  const why = err?.message === undefined ? '' : `: ${String(err.message)}`;
  return `${time} ${level} ${who}${String(fields['msg'])}${why}${rest.join('')}\n`;
}

/** Why no stack: what is logged as an error here is an event on the way, not a bug. */
function errorFields(error: Error & { code?: unknown }): object {
  return { code: error.code, message: error.message };
}
