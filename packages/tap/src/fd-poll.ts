/**
 * Readiness of a file descriptor as an interrupt: libuv's own epoll by way of koffi, so there is no thread
 * and no hand-over; the callback runs in the turn in which the kernel made the fd readable. It is
 * level-triggered: an fd that is not drained calls again in the next turn, and nothing has to be re-armed.
 */
import { libc, type PollHandle } from './libc.ts';

const nothing = (): void => {};

/** Hold the handle: koffi closes one that is garbage. `status` < 0 says that the fd is dead; it is called no more. */
export function pollFd(fd: number, ready: (status: number) => void): PollHandle {
  return libc().poll(fd, (status) => {
    try {
      ready(status);
    } catch (error) {
      // Native code called us: a throw would vanish there.
      setImmediate(() => {
        throw error;
      });
    }
    // koffi's callback does not run process.nextTick and promise jobs behind it; any immediate does.
    setImmediate(nothing);
  });
}
