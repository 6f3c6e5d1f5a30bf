/** The memory that the watchdog's two threads share: whether the driver runs, a count of its calls, two names. */
export const OP_BYTES = 12;
export const NAME_BYTES = 256;

/** One more change of what runs. */
export function beat(state: Int32Array, running: number): void {
  Atomics.store(state, 0, running);
  Atomics.add(state, 1, 1);
}
