/** Errors as RFC 9457 problem+json, keyed by errno names. */
import { z } from 'zod';
import { strict } from './strict.ts';

/** The HTTP status that goes with an errno. Input is never answered by a 5xx but where the lab itself is not able. */
export const ERRNO_STATUS: ReadonlyMap<string, number> = new Map([
  ['EINVAL', 400],
  ['ERANGE', 400],
  ['EOPNOTSUPP', 400],
  ['EAFNOSUPPORT', 400],
  ['EADDRNOTAVAIL', 400],
  ['ELOOP', 400],
  ['EMSGSIZE', 413],
  ['ENAMETOOLONG', 414],
  ['EACCES', 403],
  ['EPERM', 403],
  ['ENOENT', 404],
  ['ENODEV', 404],
  ['EEXIST', 409],
  ['EBUSY', 409],
  ['EADDRINUSE', 409],
  ['EOVERFLOW', 409],
  ['EAGAIN', 429],
  ['EIO', 500],
  ['ENOSYS', 501],
  ['EPROTO', 502],
  ['ENOBUFS', 503],
  ['ENOMEM', 503],
  ['ENFILE', 503],
  ['EMFILE', 503],
  ['ENETDOWN', 503],
  ['ENETUNREACH', 503],
  ['EHOSTUNREACH', 503],
  ['ENOTCONN', 503],
  ['ECONNRESET', 503],
  ['ENOSPC', 507],
  ['ETIMEDOUT', 504],
]);

/** 500 for an errno nobody has thought of. */
export function statusOf(code: string): number {
  return ERRNO_STATUS.get(code) ?? 500;
}

export const ProblemIssue = strict({
  path: z.string().meta({ description: 'Where, as "links[0].endpoints[1]".' }),
  message: z.string(),
  line: z.int().optional().meta({ description: 'Line of the YAML text.' }),
});

export const Problem = strict({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().meta({ description: 'Errno name.', examples: ['EINVAL'] }),
  instance: z.string().optional(),
  errors: z.array(ProblemIssue).optional(),
}).meta({ id: 'Problem' });
export type Problem = z.output<typeof Problem>;
