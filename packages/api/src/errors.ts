/** Whatever is thrown, as RFC 9457 problem+json: the one place where errors get an HTTP status. */
import { STATUS_CODES } from 'node:http';
import { InputError, type Problem, pathText, statusOf } from '@etherloom/schema';

/** An error of the API itself, where the status says more than the errno. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Fastify's own complaints that deserve a better text. */
const FASTIFY_TEXT = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'the body is too large: 256 KiB are taken, of a lab in JSON 1 MiB'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'send JSON with the header "Content-Type: application/json"'],
  ['FST_ERR_BAD_URL', 'the path is not a valid URL'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'a name in the path is too long: none has more than 256 characters'],
]);

const FASTIFY_ERRNO = new Map([
  [413, 'EMSGSIZE'],
  [414, 'ENAMETOOLONG'],
]);
/** An error quotes the path; it does not send all of a long one back. */
const MAX_INSTANCE = 200;

/** The problem that an error is. An error without an errno is ours: it gets no detail, the log has it. */
export function problemOf(error: unknown, instance: string): Problem {
  const { status, code, detail } = classify(error);
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    instance: instance.slice(0, MAX_INSTANCE),
  };
  if (!(error instanceof InputError)) return problem;
  const errors = error.errors.map(({ path, message, line }) => ({
    path: pathText(path),
    message,
    ...(line === undefined ? {} : { line }),
  }));
  return { ...problem, errors };
}

interface Classified {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

function classify(error: unknown): Classified {
  if (error instanceof HttpError) return { status: error.status, code: error.code, detail: error.message };
  if (!(error instanceof Error)) return INTERNAL;
  const { code, statusCode, syscall } = error as { code?: unknown; statusCode?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return INTERNAL;
  if (code.startsWith('FST_')) return classifyFastify(code, statusCode, error.message);
  // Why here: an error of the operating system is about control's own files and sockets, not about what was asked.
  if (!/^E[A-Z0-9]+$/.test(code) || syscall !== undefined) return INTERNAL;
  return { status: statusOf(code), code, detail: error.message };
}

const INTERNAL: Classified = {
  status: 500,
  code: 'EIO',
  detail: 'internal error; the log of control says more',
};

function classifyFastify(code: string, status: unknown, message: string): Classified {
  if (typeof status !== 'number' || status < 400 || status > 499) return INTERNAL;
  return {
    status,
    code: FASTIFY_ERRNO.get(status) ?? 'EINVAL',
    detail: FASTIFY_TEXT.get(code) ?? message,
  };
}
