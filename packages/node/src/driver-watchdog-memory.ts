/** The memory that the watchdog's two threads share: whether the driver runs, a count of its calls, a futex, ticks of the event loop, two names. */
export const OP_BYTES = 16;
export const NAME_BYTES = 256;

/** The event loop has come round once more. */
export function tick(state: Int32Array): void {
  Atomics.add(state, 3, 1);
}

/** One more change of what runs. */
export function beat(state: Int32Array, running: number): void {
  Atomics.store(state, 0, running);
  Atomics.add(state, 1, 1);
}
