/**
 * Preloaded into a process (NODE_OPTIONS=--import), tells what it has allocated on its heap: at each SIGUSR2 a file
 * ETHERLOOM_HEAP_METER/PID.N with the bytes since the one before. Sums what the heap grew by between collections, so
 * it counts garbage too, and does not depend on time.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { GCProfiler } from 'node:v8';

let profiler = new GCProfiler();
let used = process.memoryUsage().heapUsed;
let told = 0;
profiler.start();

process.on('SIGUSR2', () => {
  let allocated = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    allocated += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  const now = process.memoryUsage().heapUsed;
  const file = join(process.env.ETHERLOOM_HEAP_METER, `${process.pid}.${told++}`);
  writeFileSync(`${file}.new`, String(allocated + now - used));
  renameSync(`${file}.new`, file);
  used = process.memoryUsage().heapUsed;
  profiler = new GCProfiler();
  profiler.start();
});
