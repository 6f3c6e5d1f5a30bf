/** How many ICMP errors may leave: per second in all, and per target. cf. icmp_global_allow, icmpv4_xrlim_allow */

/** cf. net.ipv4.icmp_msgs_per_sec, icmp_msgs_burst */
const GLOBAL_PER_SEC = 1000;
const GLOBAL_BURST = 50;
/** Milliseconds of credit one error to a target costs, and how many may be saved up. cf. net.ipv4.icmp_ratelimit */
const TARGET_COST = 1000;
const TARGET_BURST = 6;
const MAX_TARGETS = 256;

class Target {
  credit = TARGET_BURST * TARGET_COST;
  last: number;

  constructor(now: number) {
    this.last = now;
  }
}

export class IcmpLimit {
  #credit = GLOBAL_BURST;
  #last = 0;
  /** Oldest first: a Map keeps the order of insertion. */
  readonly #targets = new Map<number, Target>();

  /** cf. icmp_global_allow */
  allowGlobal(now: number): boolean {
    this.#credit = Math.min(GLOBAL_BURST, this.#credit + ((now - this.#last) * GLOBAL_PER_SEC) / 1000);
    this.#last = now;
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  /** cf. inet_peer_xrlim_allow */
  allowTarget(address: number, now: number): boolean {
    const target = this.#targets.get(address) ?? this.#add(address, now);
    target.credit = Math.min(TARGET_BURST * TARGET_COST, target.credit + now - target.last);
    target.last = now;
    if (target.credit < TARGET_COST) return false;
    target.credit -= TARGET_COST;
    return true;
  }

  #add(address: number, now: number): Target {
    if (this.#targets.size >= MAX_TARGETS) {
      for (const oldest of this.#targets.keys()) {
        this.#targets.delete(oldest);
        break;
      }
    }
    const target = new Target(now);
    this.#targets.set(address, target);
    return target;
  }
}
