/** The text of a body: UTF-8, and as it is. */
import { InputError } from '@etherloom/schema';
import type { FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

/** Throws for a body that is compressed, or no text. */
export function bodyText({ headers }: FastifyRequest, bytes: Buffer): string {
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    const text = `the content coding "${coding}" is not taken: send the body as it is`;
    throw new HttpError(415, 'EINVAL', text, { 'accept-encoding': 'identity' });
  }
  try {
    // Why fatal: with U+FFFD for what is no text, a name would come back as another.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new InputError('EINVAL', [{ path: [], message: 'the body is not valid UTF-8' }], { cause });
  }
}
