import type { Duplex } from 'node:stream';
import type { FrameSplitter } from './frame-splitter.js';

interface ReadHooks {
  /** What to do with arriving bytes: read them, leave them in the stream until `resume`, or discard them. */
  readonly state: () => 'read' | 'wait' | 'discard';
  readonly onRead: () => void;
  /** Reading pauses (true) or continues (false). */
  readonly onWait: (waits: boolean) => void;
  /** The client broke the protocol. */
  readonly onBroken: (error: Error) => void;
}

/**
 * Puts the splitter between a connection and aedes, which calls `read` when bytes are there. Bytes that must wait stay
 * in the stream, so that TCP holds back the sender. Call the returned function when reading may continue.
 */
export function interceptReads(stream: Duplex, splitter: FrameSplitter, hooks: ReadHooks): () => void {
  const read = stream.read.bind(stream);
  let waits = false;
  const wait = (): null => {
    if (!waits) hooks.onWait(true);
    waits = true;
    return null;
  };

  // Returns all bytes at once: aedes reads once for each 'readable'. In Node 26 `read` returns one buffer at a time,
  // and aedes would wait forever for the rest of a CONNECT that arrives in pieces.
  stream.read = (size?: number) => {
    const passed: Buffer[] = [];
    for (;;) {
      if (stream.destroyed) return null;
      const state = hooks.state();
      if (state === 'wait') {
        // Reads no data, but detects the end: a client that leaves while it waits for its sign-in frees its slot.
        if (stream.readableLength === 0) read(0);
        return joined(passed) ?? wait();
      }
      const chunk: Buffer | null = splitter.giveRest() ?? read(size);
      if (chunk === null) return joined(passed);
      hooks.onRead();
      if (state === 'discard') continue;
      try {
        const part = splitter.split(chunk);
        if (part !== null) passed.push(part);
      } catch (error) {
        hooks.onBroken(error as Error);
        return null;
      }
    }
  };

  const resume = () => {
    if (stream.destroyed || hooks.state() === 'wait') return;
    if (waits) hooks.onWait(false);
    waits = false;
    stream.emit('readable');
  };
  stream.on('drain', resume);
  return resume;
}

function joined(parts: readonly Buffer[]): Buffer | null {
  return parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? null);
}
