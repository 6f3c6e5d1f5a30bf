/** A buffer as bytes and as words, for checksums by words (csumWords): views over all of the memory behind it, made once for each. */
export class WordBuffer {
  bytes: Uint8Array = new Uint8Array(0);
  words: Int32Array = new Int32Array(0);

  /** Looks at the memory of `buf`; returns where in `bytes` its first byte is. */
  open(buf: Uint8Array): number {
    if (this.bytes.buffer !== buf.buffer) {
      this.bytes = new Uint8Array(buf.buffer);
      this.words = new Int32Array(buf.buffer, 0, buf.buffer.byteLength >> 2);
    }
    return buf.byteOffset;
  }
}
