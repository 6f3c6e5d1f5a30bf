/** What `tc -j qdisc` calls `options`: the same names, the same units. */
export type QdiscOptions = Readonly<Record<string, unknown>>;
