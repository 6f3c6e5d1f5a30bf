/** A lab of many nodes in one LAN, as a user would write it. */

/** `nodes` nodes with an address each, and as many links. */
export function bigLab(nodes: number): string {
  const each = Array.from({ length: nodes }, (_, i) => i + 1);
  return [
    'name: big',
    'nodes:',
    ...each.map((n) => `  h${n}: { devices: { eth0: { ip: ${address(n)}/16 } } }`),
    'lans: { office: {} }',
    'links:',
    ...each.map((n) => `  - endpoints: ["h${n}:eth0", "lan:office"]`),
    '',
  ].join('\n');
}

export function address(n: number): string {
  return `10.0.${n >> 8}.${n & 255}`;
}
