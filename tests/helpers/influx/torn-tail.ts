import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The head of an entry of 64 bytes, of which only the first two were written when the machine stopped. */
const TORN_ENTRY = Buffer.from('01000040001234', 'hex');

/** Leaves at the newest write-ahead log of each shard what a kill in the midst of an entry does. Whether there was any. */
export function tearNewest(walFolder: string): boolean {
  const newest = new Map<string, string>();
  for (const name of readdirSync(walFolder, { recursive: true, encoding: 'utf8' })) {
    const path = join(walFolder, name);
    if (!name.endsWith('.wal') || !statSync(path).isFile()) continue;
    const shard = join(path, '..');
    if (path > (newest.get(shard) ?? '')) newest.set(shard, path);
  }
  for (const path of newest.values()) appendFileSync(path, TORN_ENTRY);
  return newest.size > 0;
}
