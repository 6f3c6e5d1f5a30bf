export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type FetchAnswer,
  type FetchInit,
  type FetchLike,
} from './client.ts';
export { ClientError } from './client-error.ts';
