/** URLs as people write them, made into what is dialled. */
import { NetError } from '@etherloom/netcore';
import { socketUrl } from '@etherloom/schema';

/** As socketUrl; throws EINVAL for what nobody can dial. */
export function withPath(base: string, path: string): string {
  const url = socketUrl(base, path);
  if (!URL.canParse(url)) throw new NetError('EINVAL', `"${base}" is no URL that can be dialled`);
  return url;
}
