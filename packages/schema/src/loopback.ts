/** Whether a host, as one listens on or dials it (an IPv6 address without brackets), is this machine alone. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
