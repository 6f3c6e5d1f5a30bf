/** Traces of a lab in memory: they see nothing. */
import type { Trace } from '@etherloom/schema';
import type { TraceService } from './services.ts';

const MAX_TRACES = 8;

export function memoryTraces(): TraceService {
  const traces = new Map<string, Trace>();
  const get = (id: string): Trace => {
    const trace = traces.get(id);
    if (trace !== undefined) return trace;
    throw Object.assign(new Error(`there is no trace ${id}`), { code: 'ENOENT' });
  };
  return {
    get,
    create({ filter }) {
      const oldest = traces.keys().next().value;
      if (traces.size >= MAX_TRACES && oldest !== undefined) traces.delete(oldest);
      const id = `t${traces.size + 1}`;
      const trace: Trace = { id, filter, done: false, clock: 'monotonic', lost: 0, frames: [] };
      traces.set(id, trace);
      return trace;
    },
    delete(id) {
      get(id);
      traces.delete(id);
    },
  };
}
