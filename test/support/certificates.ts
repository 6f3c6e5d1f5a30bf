/** A private certificate authority and one server certificate, made by openssl in `folder`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './program.ts';

export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

async function openssl(...args: string[]): Promise<void> {
  const done = await run('openssl', args);
  if (done.code !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr}`);
}

/** Paths of the files; the server certificate is good for the given IP addresses. */
export async function makeCertificates(folder: string, addresses: readonly string[]): Promise<Certificates> {
  const at = (name: string) => join(folder, name);
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  const authority = ['-subj', '/CN=Test CA', '-addext', 'basicConstraints=critical,CA:TRUE', '-days', '2'];
  await openssl('req', '-x509', ...fresh, '-keyout', at('ca.key'), '-out', at('ca.pem'), ...authority);
  await openssl('req', ...fresh, '-keyout', at('key.pem'), '-out', at('csr.pem'), '-subj', '/CN=server');
  writeFileSync(at('san'), `subjectAltName=${addresses.map((address) => `IP:${address}`).join(',')}\n`);
  const signer = [
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('san'),
  ];
  await openssl('x509', '-req', '-in', at('csr.pem'), '-out', at('cert.pem'), ...signer);
  return { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') };
}
