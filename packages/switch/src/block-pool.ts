/**
 * The memory of everything that waits to leave a switch: blocks, each of which becomes one message. A port holds blocks
 * only while it has something to send or the socket is writing, so a thousand idle ports hold none.
 *
 * There are two sizes: a flood of one small frame to every port shall not touch 64 KiB for each.
 */
import { MAX_BATCH, MAX_MESSAGE, SEND_HEADROOM } from '@etherloom/transport';
import { RunCopier } from './copy-run.ts';

/** A port whose turns bring more than this begins with a large block. */
export const SMALL_BATCH = 2048 - SEND_HEADROOM;
/** Free blocks kept; what comes home beyond them is the garbage collector's. 4 MiB large, 2 MiB small. */
const KEEP_LARGE = 64;
const KEEP_SMALL = 1024;

export class Block {
  /** By which it comes home: the token of its loan. */
  readonly no: number;
  readonly buf: Uint8Array;
  readonly view: DataView;
  /** How long a batch of more than one record may become in here. */
  readonly room: number;
  /** Records begin at SEND_HEADROOM; these are their bytes and how many they are. */
  length = 0;
  frames = 0;
  /** When the first of them came. */
  since = 0;

  constructor(no: number, room: number) {
    this.no = no;
    this.room = room;
    // One record may be longer than a batch.
    const capacity = room < MAX_BATCH ? room : MAX_MESSAGE;
    this.buf = new Uint8Array(SEND_HEADROOM + capacity);
    this.view = new DataView(this.buf.buffer);
  }

  get small(): boolean {
    return this.room < MAX_BATCH;
  }
}

export class BlockPool {
  /** Taken and not yet home. */
  used = 0;
  readonly #blocks: (Block | null)[] = [];
  readonly #holes: number[] = [];
  readonly #freeLarge: Block[] = [];
  readonly #freeSmall: Block[] = [];
  readonly #copier = new RunCopier();

  /** An empty block for a batch of up to SMALL_BATCH, or of up to MAX_BATCH. */
  take(small: boolean): Block {
    this.used++;
    return (small ? this.#freeSmall : this.#freeLarge).pop() ?? this.#create(small);
  }

  /** Block `no` is nobody's any more. */
  give(no: number): void {
    const block = this.#blocks[no]!;
    const free = block.small ? this.#freeSmall : this.#freeLarge;
    this.used--;
    if (free.length === (block.small ? KEEP_SMALL : KEEP_LARGE)) {
      this.#blocks[no] = null;
      this.#holes.push(no);
      return;
    }
    block.length = 0;
    block.frames = 0;
    free.push(block);
  }

  /** Appends whole records; the block must have room. */
  append(block: Block, buf: Uint8Array, at: number, length: number, frames: number): void {
    this.#copier.copy(buf, at, block, SEND_HEADROOM + block.length, length);
    block.length += length;
    block.frames += frames;
  }

  #create(small: boolean): Block {
    const no = this.#holes.pop() ?? this.#blocks.length;
    const block = new Block(no, small ? SMALL_BATCH : MAX_BATCH);
    this.#blocks[no] = block;
    return block;
  }
}
