/**
 * The ends of the turns of this thread's event loop: what was left to do in a turn is done once, behind its I/O.
 *
 * A turn of a busy process brings many events, and one message each would undo the batches; so their work waits for the
 * end of the turn. While turns bring one event each, its work is all that there is to wait for, and is done right
 * behind it: an immediate of a process that has just been woken costs 30 us, six times in a ping.
 */

/** What the work of an event leaves may leave work itself, as a write that Linux answers at once. */
const ROUNDS = 3;

let waiting: (() => void)[] = [];
let spare: (() => void)[] = [];
let armed = false;
/** Events of this turn that left work, and whether the last turn that had any had no more than one. */
let events = 0;
let quiet = true;

export function endOfTurn(fn: () => void): void {
  waiting.push(fn);
  arm();
}

/** An event (a read, a readiness) has been handled. */
export function eventDone(): void {
  if (waiting.length === 0 || events++ > 0 || !quiet) return;
  for (let i = 0; i < ROUNDS && waiting.length > 0; i++) runWaiting();
}

function arm(): void {
  if (armed) return;
  armed = true;
  setImmediate(turnEnds);
}

function turnEnds(): void {
  armed = false;
  quiet = events <= 1;
  events = 0;
  runWaiting();
}

/** What is queued meanwhile waits for the next round. One that throws does not take the others with it. */
function runWaiting(): void {
  const now = waiting;
  waiting = spare;
  spare = [];
  let done = 0;
  try {
    while (done < now.length) now[done++]!();
  } finally {
    if (done < now.length) {
      waiting = now.slice(done).concat(waiting);
      arm();
    }
    now.length = 0;
    spare = now;
  }
}
