import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

// The package is CommonJS with types written for an ES default export; required, it is what it says.
const memory: () => object = createRequire(import.meta.url)('aedes-persistence');

const NOTHING = Promise.resolve();
const NO_SESSIONS = Promise.resolve([]);

/**
 * Retained messages in memory, and no sessions: every session is clean, so nobody's messages are queued while away, each
 * publish is spared the search for such sessions, and nothing is remembered of client ids that come and go.
 */
export function retainedOnly(): object {
  return Object.assign(memory(), {
    subscriptionsByTopic: () => NO_SESSIONS,
    outgoingStream: () => Readable.from([]),
    outgoingUpdate: () => NOTHING,
    outgoingClearMessageId: () => NOTHING,
  });
}
