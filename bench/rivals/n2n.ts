/**
 * n2n, of which only versions from 2.0 on can do without a cipher. Debian has 1.3, whose edge takes frames only with a
 * key and encrypts them: it is named and not measured.
 */
import { lacking, type Rival } from './rival.ts';

export const n2n: Rival = {
  id: 'n2n',
  title: 'n2n, no cipher',
  missing: () =>
    lacking('n2n', 'n2n', 'edge', 'supernode') ?? {
      what: 'n2n',
      why: 'n2n 1.3, as Debian has it, encrypts always (twofish) and has an MTU of 1400',
      remedy: 'none: the bench knows no newer n2n',
    },
  lay: () => Promise.reject(new Error('n2n is not measured')),
};
