/** Static forwarding entries in memory. */
import { type FdbAdd, type FdbEntry, type FdbKey, InputError } from '@etherloom/schema';

export class MemoryFdb {
  readonly #entries = new Map<string, FdbEntry>();

  list(lan: string): FdbEntry[] {
    return [...this.#entries.values()].filter(({ master }) => master === lan);
  }

  add(lan: string, { mac, ifname, state }: FdbAdd): FdbEntry {
    const entry: FdbEntry = { mac, ifname, flags: ['master'], master: lan, state };
    this.#entries.set(`${lan} ${mac}`, entry);
    return entry;
  }

  delete(lan: string, { mac }: FdbKey): void {
    if (this.#entries.delete(`${lan} ${mac}`)) return;
    throw new InputError('ENOENT', [
      { path: ['query', 'mac'], message: `no entry for ${mac} in LAN "${lan}"` },
    ]);
  }
}
