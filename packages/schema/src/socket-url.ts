/** Where to dial, from an address as people write it. */

const UNIX = 'ws+unix:';

/**
 * `http://host:8080` -> `ws://host:8080/v1/agent`, `ws+unix:/run/c.sock` -> `ws+unix:/run/c.sock:/v1/agent`.
 * A path that is there already, of a proxy in front, is kept and comes first; one that ends as it should is left alone.
 */
export function socketUrl(base: string, path: string): string {
  const ws = base.replace(/^http/, 'ws').replace(/\/+$/, '');
  if (ws.endsWith(path)) return ws;
  const needsColon = ws.startsWith(UNIX) && !ws.includes(':/', UNIX.length);
  return needsColon ? `${ws}:${path}` : `${ws}${path}`;
}
