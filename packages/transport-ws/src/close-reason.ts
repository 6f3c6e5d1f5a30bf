/** The text that goes with a close code. A close frame has room for 123 bytes of it, and ws throws on more. */
const MAX_BYTES = 123;

/** As much of the text as fits, cut between characters. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BYTES) return text;
  let end = MAX_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--; // a continuation byte: its character began earlier
  return bytes.toString('utf8', 0, end);
}
