/** What several nodes were asked for: as text each under a header, as JSON each element with its node. */

export interface OfNode<T> {
  readonly node: string;
  readonly items: readonly T[];
}

/** Nodes that have nothing to show are left out; one node alone needs no header. */
export function textByNode<T>(
  shown: readonly OfNode<T>[],
  several: boolean,
  text: (item: T) => string,
  between = '\n',
): string {
  return shown
    .filter(({ items }) => items.length > 0)
    .map(({ node, items }) => `${several ? `node: ${node}\n` : ''}${items.map(text).join(between)}`)
    .join('\n\n');
}

/** Of one node this is exactly iproute2's array. */
export function jsonByNode<T>(
  shown: readonly OfNode<T>[],
  several: boolean,
  json: (item: T) => Record<string, unknown>,
): Record<string, unknown>[] {
  return shown.flatMap(({ node, items }) =>
    items.map((item) => (several ? { node, ...json(item) } : json(item))),
  );
}
