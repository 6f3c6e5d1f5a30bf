/** Settings as flags and variables: what `--help` shows, and how a role reads its own. */
import type { z } from 'zod';
import { InputError, issuesOf } from './issues.ts';
import { type Role, SETTINGS, type SettingsOf } from './settings.ts';

export interface Setting {
  readonly key: string;
  /** As in `--log-level`. */
  readonly flag: string;
  /** The word after the flag in `--help`; null when the flag stands alone. */
  readonly placeholder: string | null;
  /** As in `ETHERLOOM_LOG_LEVEL`. */
  readonly env: string;
  /** For a secret: the variable that names a file with it. */
  readonly envFile: string | null;
  readonly description: string;
  readonly default: unknown;
  readonly required: boolean;
  readonly secret: boolean;
  /** The flag may be given again, for one more. */
  readonly repeat: boolean;
  /** The value; throws InputError that says what is accepted. */
  readonly parse: (written: unknown) => unknown;
}

/** Where settings come from. Flags win over variables, variables over files. */
export interface SettingSources {
  /** By key (camel case), as commander gives them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly readFile?: (path: string) => string;
}

/** The settings of a role, in the order of its `--help`. */
export function settingsOf(role: Role): Setting[] {
  return Object.entries(SETTINGS[role].shape).map(([key, schema]) => describe(key, schema));
}

function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function describe(key: string, schema: z.ZodType): Setting {
  const words = flagOf(key).slice(2);
  const env = `ETHERLOOM_${words.replaceAll('-', '_').toUpperCase()}`;
  const meta = schema.meta();
  const secret = meta?.['secret'] === true;
  const absent = schema.safeParse(undefined);
  return {
    key,
    flag: `--${words}`,
    placeholder:
      absent.data === false ? null : String(meta?.['placeholder'] ?? words.replace(/.*-/, '')).toUpperCase(),
    env,
    envFile: secret ? `${env}_FILE` : null,
    description: meta?.description ?? '',
    default: absent.data,
    required: !absent.success,
    secret,
    repeat: meta?.['repeat'] === true,
    parse: (written) => parseSetting(schema, `--${words}`, written),
  };
}

function parseSetting(schema: z.ZodType, place: string, written: unknown): unknown {
  const result = schema.safeParse(written);
  if (result.success) return result.data;
  const errors = issuesOf(result.error).map(({ message }) => ({ path: [place], message }));
  throw new InputError('EINVAL', errors);
}

/** Reads a role's settings from flags, variables and files; throws InputError that names each bad flag or variable. */
export function readSettings<R extends Role>(role: R, sources: SettingSources): SettingsOf<R> {
  const values: Record<string, unknown> = {};
  for (const setting of settingsOf(role)) {
    const { place, written } = find(setting, sources);
    if (written === undefined && setting.required) {
      const message = `is needed: give ${setting.flag} ${setting.placeholder} or set ${setting.env}`;
      throw new InputError('EINVAL', [{ path: [setting.flag], message }]);
    }
    values[setting.key] = parseSetting(SETTINGS[role].shape[setting.key as never], place, written);
  }
  checkPair(values, 'tlsCert', 'tlsKey');
  return values as SettingsOf<R>;
}

function checkPair(values: Record<string, unknown>, ...keys: [string, string]): void {
  const missing = keys.filter((key) => values[key] === undefined);
  if (missing.length !== 1) return;
  throw new InputError('EINVAL', [
    {
      path: missing.map(flagOf),
      message: `${keys.map(flagOf).join(' and ')} go together: give both or neither`,
    },
  ]);
}

interface Found {
  readonly place: string;
  readonly written: unknown;
}

function find(setting: Setting, { flags, env, readFile }: SettingSources): Found {
  const flag = flags?.[setting.key];
  // Why -file: a secret has no flag of its own, it comes from a file that a flag names.
  if (flag !== undefined)
    return { place: setting.secret ? `${setting.flag}-file` : setting.flag, written: flag };
  const variable = env?.[setting.env];
  if (variable !== undefined && variable !== '') return { place: setting.env, written: variable };
  const file = setting.envFile === null ? undefined : env?.[setting.envFile];
  if (file === undefined || file === '' || readFile === undefined)
    return { place: setting.env, written: undefined };
  return { place: `${setting.envFile}=${file}`, written: contents(`${setting.envFile}`, file, readFile) };
}

function contents(place: string, file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new InputError('EINVAL', [{ path: [place], message: `cannot read ${file}: ${why}` }], { cause });
  }
}
