/**
 * A cable between two ends, with an MTU, a carrier and an impairment in each direction. It learns nothing.
 * As with veth, each end shows a carrier while the link is on and what is at the other end is there and up.
 */
import type { Impair, LinkSlice, LinkState } from '@etherloom/schema';
import { Direction } from './direction.ts';
import { isNone, netemParams } from './impair-params.ts';
import { Impairment } from './impairment.ts';
import type { LinkEnd } from './link-end.ts';
import type { ReleaseTimer } from './release-timer.ts';

export interface LinkDeps {
  readonly timer: ReleaseTimer;
  /** The link's state has changed. */
  readonly changed: (link: Link) => void;
}

export class Link {
  readonly name: string;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly forward: Direction;
  readonly reverse: Direction;
  carrier = true;
  /** As it was applied last; null before. */
  slice: LinkSlice | null = null;
  #mtu = 65535;
  /** The state as it was last told. */
  #shown = '';
  readonly #deps: LinkDeps;

  constructor(name: string, a: LinkEnd, b: LinkEnd, deps: LinkDeps) {
    this.name = name;
    this.a = a;
    this.b = b;
    this.#deps = deps;
    this.forward = new Direction(b.sink);
    this.reverse = new Direction(a.sink);
    const changed = () => this.refresh();
    a.connect(name, this.forward, this.reverse, changed);
    b.connect(name, this.reverse, this.forward, changed);
  }

  /** Brings the link to what the slice says; what is under way stays unless the carrier goes. */
  apply(slice: LinkSlice): void {
    this.slice = slice;
    this.#mtu = slice.mtu;
    this.carrier = slice.carrier;
    this.forward.mtu = slice.mtu;
    this.reverse.mtu = slice.mtu;
    this.#impair(this.forward, slice.impair.forward);
    this.#impair(this.reverse, slice.impair.reverse);
    this.refresh();
  }

  /** Works out carriers again after something happened at an end. */
  refresh(): void {
    const aReady = this.a.attached && this.a.up;
    const bReady = this.b.attached && this.b.up;
    this.forward.open = this.carrier && bReady;
    this.reverse.open = this.carrier && aReady;
    this.a.show(this.carrier && bReady, this.#mtu, this.#pulledFrom(this.b), this.carrier && !bReady);
    this.b.show(this.carrier && aReady, this.#mtu, this.#pulledFrom(this.a), this.carrier && !aReady);
    if (!this.carrier) this.#clear();
    const shown = JSON.stringify(this.state());
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#deps.changed(this);
  }

  state(): LinkState {
    const ends = [this.a, this.b].map(({ endpoint, attached, up, carrier }) => ({
      endpoint,
      attached,
      up,
      carrier,
    }));
    return { name: this.name, carrier: this.carrier, ends };
  }

  remove(): void {
    this.#clear();
    this.a.disconnect();
    this.b.disconnect();
  }

  /** A device whose socket is away is expected back: its stations are not forgotten. One that was set down is not. */
  #pulledFrom(far: LinkEnd): boolean {
    return !this.carrier || (far.attached && !far.up);
  }

  #clear(): void {
    this.forward.clear();
    this.reverse.clear();
  }

  #impair(direction: Direction, impair: Impair): void {
    const params = netemParams(impair);
    if (isNone(params)) direction.impairment?.retire();
    else {
      direction.impairment ??= new Impairment(direction, this.#deps.timer);
      direction.impairment.configure(params, impair.seed);
    }
  }
}
