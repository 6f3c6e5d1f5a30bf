/** URLs as people write them, made into what is dialled. */
import { NetError } from '@etherloom/netcore';

/** `http://control:8080` -> `ws://control:8080/v1/agent`; a URL that names a path keeps it. */
export function withPath(base: string, path: string): string {
  if (base.startsWith('ws+unix:')) return base.includes(':/', 'ws+unix:'.length) ? base : `${base}:${path}`;
  const dialled = base.replace(/^http/, 'ws');
  if (!URL.canParse(dialled)) throw new NetError('EINVAL', `"${base}" is no URL that can be dialled`);
  const url = new URL(dialled);
  if (url.pathname === '/') url.pathname = path;
  return url.href;
}
