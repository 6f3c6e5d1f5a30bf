import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { allocEtherdev } from './ethernet.ts';
import { Net } from './net.ts';
import {
  netdevTxCompletedQueue,
  netdevTxSentQueue,
  netifTxStopQueue,
  netifTxWakeQueue,
  netifXmitStopped,
} from './tx-queue.ts';

test('who waits for a queue hears once when it takes frames again, whoever had stopped it', () => {
  const txq = allocEtherdev(new Net(new VirtualHost(1)), 'eth0').txq[0]!;
  const heard: boolean[] = [];
  txq.onWake = () => heard.push(netifXmitStopped(txq));
  netifTxWakeQueue(txq); // it was not stopped
  netifTxStopQueue(txq);
  netdevTxSentQueue(txq, 1000); // over the byte limit, which begins at nothing
  netifTxWakeQueue(txq);
  expect([heard, netifXmitStopped(txq)]).toEqual([[], true]);
  netdevTxCompletedQueue(txq, 1, 1000);
  expect(heard).toEqual([false]);
  netifTxStopQueue(txq);
  netifTxWakeQueue(txq);
  expect(heard).toEqual([false, false]);
});
