/** Settings of a role as commander options, so that flags, variables, defaults and `--help` come from the schema alone. */
import process from 'node:process';
import { type Role, readSettings, type Setting, type SettingsOf, settingsOf } from '@etherloom/schema';
import { type Command, Option } from 'commander';
import { CliError, fileProblem } from './cli-error.ts';
import { readNamedFile } from './named-file.ts';

/** Defaults of one command that differ from its role's. */
export type Defaults = Readonly<Record<string, unknown>>;

export function addSettings(command: Command, role: Role, defaults: Defaults = {}): Command {
  for (const setting of settingsOf(role)) command.addOption(optionOf(setting, defaults));
  return command;
}

/** Flags of this command win over ETHERLOOM_* variables, variables over the files they name, those over defaults. */
export function settings<R extends Role>(role: R, command: Command, defaults: Defaults = {}): SettingsOf<R> {
  const { tokenFile, ...flags } = command.opts();
  const token = tokenFile === undefined ? {} : { token: readSecret(String(tokenFile)) };
  const unset = Object.entries(defaults).filter(([key]) => !isSet(role, key));
  return readSettings(role, {
    flags: { ...Object.fromEntries(unset), ...flags, ...token },
    env: process.env,
    readFile: readToken,
  });
}

function isSet(role: Role, key: string): boolean {
  const env = settingsOf(role).find((setting) => setting.key === key)?.env;
  return env !== undefined && Boolean(process.env[env]);
}

/** Why a secret has a file and not a flag of its own: everybody on a machine can read arguments. */
function optionOf(setting: Setting, defaults: Defaults): Option {
  if (setting.secret)
    return new Option(`${setting.flag}-file <FILE>`, describe(setting, undefined, ', read from a file'));
  const flags = setting.placeholder === null ? setting.flag : `${setting.flag} <${setting.placeholder}>`;
  const option = new Option(flags, describe(setting, defaults[setting.key] ?? setting.default));
  return setting.repeat ? option.argParser((one, before: string[] = []) => [...before, one]) : option;
}

function describe({ description, env, envFile, required }: Setting, value: unknown, more = ''): string {
  const notes: string[] = [];
  if (required) notes.push('needed');
  if (['string', 'number', 'boolean'].includes(typeof value) && value !== false)
    notes.push(`default: ${value}`);
  notes.push(envFile === null ? env : `${env} or ${envFile}`);
  return `${description}${more} (${notes.join(', ')})`;
}

function readSecret(path: string): string {
  try {
    return readToken(path);
  } catch (error) {
    throw new CliError(`--token-file: cannot read ${path}: ${fileProblem(error)}`, { cause: error });
  }
}

/** Far longer than any token. */
const MAX_TOKEN = 64 * 1024;

function readToken(path: string): string {
  return readNamedFile(path, MAX_TOKEN).toString('utf8');
}
