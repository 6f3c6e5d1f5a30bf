/**
 * Dynamic queue limits: how many bytes to keep in flight so that a driver's ring neither starves nor bloats.
 * cf. lib/dynamic_queue_limits.c, whose 32-bit wrapping counters these are.
 */
const DQL_MAX_LIMIT = 0x3fffffff;
const SLACK_HOLD_MS = 1000;

/** a - b where a is not before b on the wrapping counter, else 0. */
const posdiff = (a: number, b: number): number => Math.max((a - b) | 0, 0);

export class Dql {
  numQueued = 0;
  numCompleted = 0;
  adjLimit = 0;
  limit = 0;
  minLimit = 0;
  maxLimit = DQL_MAX_LIMIT;
  slackHoldTime = SLACK_HOLD_MS;
  lastObjCnt = 0;
  #prevOvlimit = 0;
  #prevNumQueued = 0;
  #prevLastObjCnt = 0;
  #lowestSlack = DQL_MAX_LIMIT;
  #slackStartTime = 0;

  queued(count: number): void {
    this.lastObjCnt = count;
    this.numQueued = (this.numQueued + count) | 0;
  }

  /** Below zero: over the limit, stop. */
  avail(): number {
    return (this.adjLimit - this.numQueued) | 0;
  }

  completed(count: number, now: number): void {
    const numQueued = this.numQueued;
    const completed = (this.numCompleted + count) | 0;
    let limit = this.limit;
    let ovlimit = posdiff((numQueued - this.numCompleted) | 0, limit);
    const inprogress = (numQueued - completed) | 0;
    const prevInprogress = (this.#prevNumQueued - this.numCompleted) | 0;
    const allPrevCompleted = ((completed - this.#prevNumQueued) | 0) >= 0;

    if ((ovlimit !== 0 && inprogress === 0) || (this.#prevOvlimit !== 0 && allPrevCompleted)) {
      // The queue starved: all that was queued was done while more was waiting. Grow by what was held back.
      limit += posdiff(completed, this.#prevNumQueued) + this.#prevOvlimit;
      this.#slackStartTime = now;
      this.#lowestSlack = DQL_MAX_LIMIT;
    } else if (inprogress !== 0 && prevInprogress !== 0 && !allPrevCompleted) {
      // Busy throughout: what was in flight beyond need is slack. Shrink by the least seen in the hold time.
      const slack = this.#slack(limit, completed);
      if (slack < this.#lowestSlack) this.#lowestSlack = slack;
      if (now > this.#slackStartTime + this.slackHoldTime) {
        limit = posdiff(limit, this.#lowestSlack);
        this.#slackStartTime = now;
        this.#lowestSlack = DQL_MAX_LIMIT;
      }
    }
    limit = Math.min(Math.max(limit, this.minLimit), this.maxLimit);
    if (limit !== this.limit) {
      this.limit = limit;
      ovlimit = 0;
    }
    this.adjLimit = (limit + completed) | 0;
    this.#prevOvlimit = ovlimit;
    this.#prevLastObjCnt = this.lastObjCnt;
    this.numCompleted = completed;
    this.#prevNumQueued = numQueued;
  }

  reset(now: number): void {
    this.limit = 0;
    this.numQueued = 0;
    this.numCompleted = 0;
    this.adjLimit = 0;
    this.lastObjCnt = 0;
    this.#prevOvlimit = 0;
    this.#prevNumQueued = 0;
    this.#prevLastObjCnt = 0;
    this.#lowestSlack = DQL_MAX_LIMIT;
    this.#slackStartTime = now;
  }

  #slack(limit: number, completed: number): number {
    const slack = posdiff((limit + this.#prevOvlimit) | 0, 2 * ((completed - this.numCompleted) | 0));
    const slackLastObjs = this.#prevOvlimit !== 0 ? posdiff(this.#prevLastObjCnt, this.#prevOvlimit) : 0;
    return Math.max(slack, slackLastObjs);
  }
}
