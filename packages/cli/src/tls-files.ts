/** The certificate and key a server shows, from their files. */
import { readFileSync } from 'node:fs';
import { CliError, messageOf } from './cli-error.ts';

export interface TlsFiles {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Undefined when neither is given; one without the other is a mistake. */
export function readTls({ tlsCert, tlsKey }: TlsFiles): Tls | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError('TLS takes both --tls-cert and --tls-key');
  }
  return { cert: readPem(tlsCert), key: readPem(tlsKey) };
}

export function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
