/** What the drivers of users broke while the lab was up: it makes `etherloom up` end with 1, as it does a node by itself. */
import { CliError } from '../cli-error.ts';

export class BrokenDrivers {
  readonly #files: ReadonlyMap<string, string>;
  readonly #rules = new Map<string, Set<string>>();

  /** Driver files by node. */
  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  /** A rule; or what else became of the node. */
  add(node: string, what: string): void {
    const rules = this.#rules.get(node) ?? new Set();
    this.#rules.set(node, rules.add(what));
  }

  /** Throws when there is anything to tell. The lines are in the log. */
  tell(): void {
    if (this.#rules.size === 0) return;
    const told = [...this.#rules].map(([node, rules]) => {
      return `--driver ${node}=${this.#files.get(node)} broke rules of the checker: ${[...rules].join(', ')}`;
    });
    throw new CliError(told.join('\n'));
  }
}
