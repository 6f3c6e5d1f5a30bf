/** Which function let go of an skb, by its kernel name: the call stack knows. Only while a trace is on. */

/** Our own steps inside a function of the kernel, and methods that a queue or a driver has. */
const INSIDE = new Set([
  'freed', 'release', 'consumeSkb', 'kfreeSkb', 'drop', 'dropDown', 'receiveNobody', 'purge', 'purgeList', 'refuse',
  'dropAddress', 'unknownProtocol', 'vethDrop', 'placeOfStack', 'skbShareCheck', 'discard', 'takePlace', 'dropHead',
  'deliverClone', 'shrink',
]); // biome-ignore format: a list of names

/** Where the kernel has another name. */
const KERNEL = new Map([
  ['devXmitNoqueue', '__dev_queue_xmit'],
  ['devXmitSkb', '__dev_xmit_skb'],
  ['NoopQdisc.enqueue', 'noop_enqueue'],
  ['netifReceiveSkb', '__netif_receive_skb_core'],
  ['fill', 'wslink_wire'],
  ['fillVnet', 'wslink_wire'],
  ['WslinkTx.xmit', 'wslink_start_xmit'],
  ['Backlog.enqueue', 'enqueue_to_backlog'],
  ['Backlog.flush', 'flush_backlog'],
  ['PingTable.reply', 'ping_rcv'],
]);

export function dropPlace(): string {
  const limit = (Error as { stackTraceLimit?: number }).stackTraceLimit;
  (Error as { stackTraceLimit?: number }).stackTraceLimit = 24;
  const stack = new Error().stack ?? '';
  if (limit !== undefined) (Error as { stackTraceLimit?: number }).stackTraceLimit = limit;
  return placeOfStack(stack);
}

/** The first function in a stack that is no mere step. */
export function placeOfStack(stack: string): string {
  let fallback = 'unknown';
  for (const line of stack.split('\n').slice(2)) {
    const name = /^\s*at (?:new |async )?([\w$.#<>]+)/.exec(line)?.[1]?.replaceAll('#', '');
    if (name === undefined) continue;
    const method = name.slice(name.lastIndexOf('.') + 1);
    if (INSIDE.has(method)) continue;
    const known = KERNEL.get(name) ?? KERNEL.get(method);
    if (known !== undefined) return known;
    if (fallback === 'unknown') fallback = kernelName(name.replace(/^Object\./, ''));
    return fallback;
  }
  return fallback;
}

/** `PfifoFast.enqueue` and `ipRcv` as the kernel writes them. */
export function kernelName(name: string): string {
  return name
    .replaceAll('.', '_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
