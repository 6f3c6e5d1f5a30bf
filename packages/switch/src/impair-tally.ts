/** What has been decided about the frames of one direction since it was first impaired, and how late they went. */
import type { ImpairCounts, Lateness } from '@etherloom/schema';
import { LatenessHistogram, type LatenessState } from './lateness.ts';

export interface TallyState {
  readonly counts: ImpairCounts;
  readonly late: LatenessState;
}

export class ImpairTally {
  lost = 0;
  /** Second copies: they are in the account of the direction as if they had been given to it. */
  duplicated = 0;
  corrupted = 0;
  reordered = 0;
  delayed = 0;
  overLimit = 0;
  ecnMarked = 0;
  readonly late = new LatenessHistogram();

  get counts(): ImpairCounts {
    const { lost, duplicated, corrupted, reordered, delayed, overLimit, ecnMarked } = this;
    return { lost, duplicated, corrupted, reordered, delayed, overLimit, ecnMarked };
  }

  /** As the statistics of a link tell it. */
  view(): { impair: ImpairCounts; lateness?: Lateness } {
    const lateness = this.late.summary();
    return { impair: this.counts, ...(lateness === null ? {} : { lateness }) };
  }

  save(): TallyState {
    return { counts: this.counts, late: this.late.save() };
  }

  restore({ counts, late }: TallyState): void {
    Object.assign(this, counts);
    this.late.restore(late);
  }
}
