/** The certificate and key a server shows, from their files. */
import { CliError, fileProblem } from './cli-error.ts';
import { readNamedFile } from './named-file.ts';

/** As many certificates as a system trusts, several times over. */
const MAX_PEM = 4 * 1024 * 1024;

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
  return { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
}

/** `flag` is how the user named the file. */
export function readPem(flag: string, path: string): Buffer {
  try {
    return readNamedFile(path, MAX_PEM);
  } catch (error) {
    throw new CliError(`${flag}: cannot read ${path}: ${fileProblem(error)}`, { cause: error });
  }
}
