/** Runs one task at a time, in the order they came; a task that fails does not hold up the next. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/** A Serial for each key, known for as long as it has something to run. */
export class SerialByKey {
  readonly #queues = new Map<string, { readonly serial: Serial; tasks: number }>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { serial: new Serial(), tasks: 0 };
    this.#queues.set(key, queue);
    queue.tasks++;
    try {
      return await queue.serial.run(task);
    } finally {
      if (--queue.tasks === 0) this.#queues.delete(key);
    }
  }
}
