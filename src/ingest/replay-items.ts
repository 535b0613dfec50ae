import type { Items } from './rejections.js';

/** The payload with only these of its items; as it is where it is no list. */
export function onlyItems(payload: Uint8Array, items: Items): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return payload;
  }
  if (!Array.isArray(parsed) || items.length >= parsed.length) return payload;
  const all: readonly unknown[] = parsed;
  return Buffer.from(JSON.stringify(items.map((item) => all[item])));
}
