/** The cable between a device and a switch: its interface, its batch codec and an in-memory pair. */
export {
  BATCH_NOT_WHOLE,
  BATCH_RUNT,
  BATCH_TOO_LONG,
  batchErrorText,
  countRecords,
  MAX_BATCH,
  MAX_FRAME,
  MAX_MESSAGE,
  MIN_FRAME,
  RECORD_HEADER,
  readRecordLength,
  SEND_HEADROOM,
  writeRecordHeader,
} from './batch.ts';
export { BatchWriter } from './batch-writer.ts';
export { createMemoryPair } from './memory-pair.ts';
export type { CableMessage, MarkReply, Transport, TransportHandler, Welcome } from './transport.ts';
export { countVnetRecords, FEATURE_VNET, recordFrames, runBytes, VNET_SKIP } from './vnet.ts';
