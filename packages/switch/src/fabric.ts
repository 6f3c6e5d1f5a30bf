/**
 * Everything this switch holds: LANs, links and the ports of devices. `apply` brings LANs and links to what control
 * wants; repeating it changes nothing, and what it refuses leaves everything as it was.
 */
import { type Host, NetError } from '@etherloom/netcore';
import type { LanSlice, LinkSlice, LinkState, SwitchApply, SwitchState } from '@etherloom/schema';
import { parseEndpoint } from '@etherloom/schema';
import { BlockPool } from './block-pool.ts';
import { Doorbell } from './doorbell.ts';
import type { EgressLimits } from './egress-queue.ts';
import { Lan } from './lan.ts';
import { Link } from './link.ts';
import { DeviceEnd, LanEnd, type LinkEnd } from './link-end.ts';
import { ReleaseTimer } from './release-timer.ts';
import { SwitchPort } from './switch-port.ts';

export interface FabricOptions {
  readonly limits?: EgressLimits;
  /** A link's carrier, or what is at its ends, has changed; at most once a link and turn. */
  readonly onLinkChanged?: (state: LinkState) => void;
  /** Number of the first port. */
  readonly firstPort?: number;
}

export class Fabric {
  readonly host: Host;
  readonly doorbell: Doorbell;
  readonly timer: ReleaseTimer;
  /** What waits to leave, by whatever port. */
  readonly blocks = new BlockPool();
  readonly #lans = new Map<string, Lan>();
  readonly #links = new Map<string, Link>();
  /** By endpoint, `h1:eth0`. */
  readonly #ports = new Map<string, SwitchPort>();
  readonly #changed = new Set<Link>();
  readonly #options: FabricOptions;
  #nextPort: number;

  constructor(host: Host, options: FabricOptions = {}) {
    this.host = host;
    this.doorbell = new Doorbell(host);
    this.timer = new ReleaseTimer(host);
    this.#options = options;
    this.#nextPort = options.firstPort ?? 1;
  }

  lan(name: string): Lan {
    const lan = this.#lans.get(name);
    if (lan === undefined) throw new NetError('ENODEV', `this switch has no LAN ${name}`);
    return lan;
  }

  hasLan(name: string): boolean {
    return this.#lans.has(name);
  }

  link(name: string): Link {
    const link = this.#links.get(name);
    if (link === undefined) throw new NetError('ENODEV', `this switch has no link ${name}`);
    return link;
  }

  /** The port of this endpoint, known for as long as a device or a link has to do with it. */
  port(endpoint: string): SwitchPort {
    let port = this.#ports.get(endpoint);
    if (port === undefined) {
      const { doorbell, blocks } = this;
      const deps = { doorbell, blocks, now: () => this.host.now(), limits: this.#options.limits };
      port = new SwitchPort(this.#nextPort++, endpoint, deps);
      this.#ports.set(endpoint, port);
    }
    return port;
  }

  /** Forgets a port that neither a device nor a link has to do with. */
  release(port: SwitchPort): void {
    if (!port.attached && !port.plugged) this.#ports.delete(port.endpoint);
  }

  /** The endpoint's port where there is one. */
  knownPort(endpoint: string): SwitchPort | null {
    return this.#ports.get(endpoint) ?? null;
  }

  links(): Link[] {
    return [...this.#links.values()];
  }

  lans(): Lan[] {
    return [...this.#lans.values()];
  }

  /** Adds one LAN or link that another process had. */
  adoptLan(slice: LanSlice): Lan {
    const lan = new Lan(slice.name);
    lan.ageing = slice.ageing * 1000;
    this.#lans.set(slice.name, lan);
    return lan;
  }

  adoptLink(slice: LinkSlice): Link {
    this.#applyLink(slice);
    return this.link(slice.name);
  }

  /** Takes out a link or a LAN that another process is to have; nobody is told. */
  disownLink(link: Link): void {
    link.remove();
    this.#links.delete(link.name);
  }

  disownLan(lan: Lan): void {
    this.#lans.delete(lan.name);
  }

  apply({ lans, links }: SwitchApply): void {
    checkSlices(lans, links);
    this.#removeLinks(links);
    this.#applyLans(lans);
    for (const slice of links) this.#applyLink(slice);
  }

  state(): SwitchState {
    const lans = [...this.#lans.values()].map(({ name, ageing }) => ({ name, ageing: ageing / 1000 }));
    return { lans, links: [...this.#links.values()].map((link) => link.state()) };
  }

  stop(): void {
    this.timer.stop();
  }

  /** Links that are gone or end elsewhere now. */
  #removeLinks(links: readonly LinkSlice[]): void {
    const wanted = new Map(links.map((slice) => [slice.name, slice]));
    for (const link of this.#links.values()) {
      const slice = wanted.get(link.name);
      if (slice?.a === link.a.endpoint && slice.b === link.b.endpoint) continue;
      link.remove();
      this.#links.delete(link.name);
      for (const { port } of [link.a, link.b]) if (port !== null) this.release(port);
    }
  }

  #applyLans(lans: readonly LanSlice[]): void {
    const wanted = new Set(lans.map((slice) => slice.name));
    for (const [name, lan] of this.#lans) {
      if (wanted.has(name)) continue;
      this.#lans.delete(name);
      for (const tell of [...lan.onremoved]) tell();
    }
    for (const { name, ageing } of lans) {
      const lan = this.#lans.get(name) ?? new Lan(name);
      lan.ageing = ageing * 1000;
      this.#lans.set(name, lan);
    }
  }

  #applyLink(slice: LinkSlice): void {
    let link = this.#links.get(slice.name);
    if (link === undefined) {
      const deps = { timer: this.timer, changed: (changed: Link) => this.#onChanged(changed) };
      link = new Link(slice.name, this.#end(slice.a, slice.b), this.#end(slice.b, slice.a), deps);
      this.#links.set(slice.name, link);
    }
    link.apply(slice);
  }

  #end(text: string, far: string): LinkEnd {
    const endpoint = parseEndpoint(text);
    return endpoint.kind === 'lan' ? new LanEnd(this.lan(endpoint.lan), far) : new DeviceEnd(this.port(text));
  }

  #onChanged(link: Link): void {
    if (this.#changed.size === 0) this.host.endOfTurn(() => this.#report());
    this.#changed.add(link);
  }

  #report(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const link of changed) {
      if (this.#links.get(link.name) === link) this.#options.onLinkChanged?.(link.state());
    }
  }
}

/** Throws before anything has been changed. */
export function checkSlices(lans: readonly LanSlice[], links: readonly LinkSlice[]): void {
  const known = new Set(lans.map((lan) => lan.name));
  const plugged = new Map<string, string>();
  for (const link of links) {
    if ([link.a, link.b].every((text) => parseEndpoint(text).kind === 'lan')) {
      const text = `link ${link.name}: a link between two LANs is not supported; join them with a node`;
      throw new NetError('EOPNOTSUPP', text);
    }
    checkEnd(link.name, link.a, known, plugged);
    checkEnd(link.name, link.b, known, plugged);
  }
}

function checkEnd(link: string, text: string, lans: Set<string>, plugged: Map<string, string>): void {
  const end = parseEndpoint(text);
  if (end.kind === 'lan') {
    if (!lans.has(end.lan)) throw new NetError('ENODEV', `link ${link}: there is no LAN ${end.lan}`);
    return;
  }
  const other = plugged.get(text);
  if (other !== undefined)
    throw new NetError('EBUSY', `link ${link}: ${text} is plugged into link ${other} already`);
  plugged.set(text, link);
}
