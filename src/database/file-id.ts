import { statSync } from 'node:fs';

/**
 * Tells one file from another that bears the same name: device and inode, `2049:131`. Undefined
 * where there is none.
 */
export function fileId(path: string): string | undefined {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts && `${facts.dev}:${facts.ino}`;
}
