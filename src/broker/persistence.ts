import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

// The package is CommonJS with types for an ES default export; `require` returns the factory itself.
const memory: () => object = createRequire(import.meta.url)('aedes-persistence');

const NOTHING = Promise.resolve();
const NO_SESSIONS = Promise.resolve([]);

/**
 * Keeps retained messages in memory, and no sessions. Every session is clean, so that the broker queues no messages for
 * absent clients, searches no sessions at a publish, and remembers no client ids.
 */
export function retainedOnly(): object {
  return Object.assign(memory(), {
    subscriptionsByTopic: () => NO_SESSIONS,
    outgoingStream: () => Readable.from([]),
    outgoingUpdate: () => NOTHING,
    outgoingClearMessageId: () => NOTHING,
  });
}
