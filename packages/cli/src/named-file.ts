/** Files that a user names: read as they come, a pipe too, but not for ever, as /dev/zero would be. */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;

/** The bytes of the file; EFBIG beyond `max` of them. */
export function readNamedFile(path: string, max: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(file, chunk, 0, CHUNK, null);
      if (read === 0) return Buffer.concat(chunks, size);
      chunks.push(chunk.subarray(0, read));
      size += read;
      if (size > max) throw tooBig(max);
    }
  } finally {
    closeSync(file);
  }
}

function tooBig(max: number): Error {
  return Object.assign(new Error(`it has more than the ${max / 1024} KiB that are read`), { code: 'EFBIG' });
}
