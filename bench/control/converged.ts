/** Whether a lab is as it should be: /readyz says so, no link lacks its carrier, and a ping crosses the LAN. */
import type { Rest } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';

export async function converged(rest: Rest, seconds: number): Promise<void> {
  await until('the lab converges', async () => (await rest('GET', '/readyz')).status === 200, seconds);
}

/** What is not as it should be in a lab that has converged, in words. */
export async function faults(rest: Rest, nodes: number): Promise<string[]> {
  const links = (await rest('GET', '/v1/links')).body as { ends: { carrier: boolean }[] }[];
  const dark = links.filter(({ ends }) => ends.length !== 2 || ends.some((end) => !end.carrier)).length;
  const ping = { target: `h${nodes}`, count: 3, interval: '100ms', timeout: '3s' };
  const { received } = (await rest('POST', '/v1/nodes/h1/ping', ping)).body;
  return [
    ...(links.length === nodes ? [] : [`${links.length} links instead of ${nodes}`]),
    ...(dark === 0 ? [] : [`${dark} links without carrier`]),
    ...(received > 0 ? [] : [`h1 does not reach h${nodes}`]),
  ];
}
