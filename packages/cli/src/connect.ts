/** Reaching a running control: which one, with which token, and whom to trust. */
import { type Client, ClientError, createClient, type FetchLike } from '@etherloom/client';
import type { Command } from 'commander';
import { caFetch } from './ca-fetch.ts';
import { CliError } from './cli-error.ts';
import { addSettings, settings } from './setting-options.ts';
import { readPem } from './tls-files.ts';

export interface Connection {
  /** http:// or https://, without a slash at the end. */
  readonly url: string;
  readonly client: Client;
  /** What the lab still waits for; empty when it has converged. */
  waiting(): Promise<string[]>;
}

/** The options every command has that talks to a running lab. */
export function addConnection(command: Command): Command {
  return addSettings(command, 'client');
}

export function connect(command: Command): Connection {
  const { control, token, tlsCa } = settings('client', command);
  return openConnection(control, token, tlsCa === undefined ? undefined : readPem('--tls-ca', tlsCa));
}

export function openConnection(control: string, token?: string, ca?: Buffer): Connection {
  const url = control.replace(/^ws/, 'http').replace(/\/+$/, '');
  const fetch: FetchLike = ca === undefined ? globalThis.fetch : caFetch(ca);
  const client = createClient({ url, token, fetch });
  return { url, client, waiting: () => askReadiness(client) };
}

async function askReadiness(client: Client): Promise<string[]> {
  try {
    await client.readyz();
    return [];
  } catch (error) {
    if (!(error instanceof ClientError) || error.status !== 503) throw error;
    return error.message.replace(/^not ready: /, '').split('; ');
  }
}

/** A failed call as a line for people: who was asked matters when nobody answered. */
export function callFailure(error: ClientError, exitCode: number): CliError {
  return new CliError(`${error.message}${hint(error)}`, { exitCode, cause: error });
}

function hint({ status, code }: ClientError): string {
  if (status === 0 && code === 'ECONNREFUSED')
    return '; is a lab running? Start one with "etherloom up FILE", or say where with --control URL';
  return status === 401 ? '; give it with ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file' : '';
}
