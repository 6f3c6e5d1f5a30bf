/** As much of fetch as the client asks for, trusting a certificate authority that the system does not know. */
import { request } from 'node:https';
import type { FetchAnswer, FetchInit, FetchLike } from '@etherloom/client';

export function caFetch(ca: Buffer): FetchLike {
  return (url, init) => send(url, init, ca);
}

function send(url: string, { method, headers, body, signal }: FetchInit, ca: Buffer): Promise<FetchAnswer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, signal, ca }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: res.statusCode ?? 0, text: () => Promise.resolve(text) });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}
