/** Objects that refuse what they do not know, and say what they do know. */
import { z } from 'zod';

/** A strict object whose complaint about an unknown key lists the known ones. */
export function strict<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `unknown key; known here: ${known}` : undefined),
  });
}
