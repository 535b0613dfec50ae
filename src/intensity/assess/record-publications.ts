import { breath } from '../breath.js';
import type { Ledgers } from '../ledger/ledgers.js';
import type { PublishedAssessment } from '../model/assess/publish.js';

/** Characters of publications that are written at once: a transaction is one turn of the event loop. */
const MAX_AT_ONCE = 1_000_000;

/**
 * Those that are many as several revisions: what sums are made of comes before them.
 * @throws IntensityRefusedError, StorageUnavailableError; what was recorded before stays
 */
export async function recordPublications(
  ledgers: Ledgers,
  news: readonly (readonly [string, PublishedAssessment])[],
  why: string,
) {
  let [texts, length] = [new Map<string, string>(), 0];
  const batch: (readonly [string, PublishedAssessment])[] = [];
  for (const [n, one] of news.entries()) {
    const text = JSON.stringify(one[1]);
    texts.set(one[0], text);
    batch.push(one);
    length += text.length;
    if (breath.isDue) await breath.take();
    if (length < MAX_AT_ONCE && n < news.length - 1) continue;
    ledgers.publications.append(batch.splice(0), { by: 'system', source: why }, undefined, texts);
    [texts, length] = [new Map(), 0];
    await breath.take();
  }
}
