import type { Duplex } from 'node:stream';
import type { FrameSplitter } from './frame-splitter.js';

interface ReadHooks {
  /** What may be done with what comes: read it, leave it where it is until `resume`, or throw it away. */
  readonly state: () => 'read' | 'wait' | 'discard';
  readonly onRead: () => void;
  /** Reading has to wait, or goes on. */
  readonly onWait: (waits: boolean) => void;
  /** The client broke the protocol. */
  readonly onBroken: (error: Error) => void;
}

/**
 * Puts the splitter between a connection and aedes, which takes bytes by calling `read` when there are some. What has to
 * wait stays in the connection, whose sender is held back by it. Call what is given back when there may be more to read.
 */
export function interceptReads(stream: Duplex, splitter: FrameSplitter, hooks: ReadHooks): () => void {
  const read = stream.read.bind(stream);
  let waits = false;
  const wait = (): null => {
    if (!waits) hooks.onWait(true);
    waits = true;
    return null;
  };

  // Everything that is there is given at once: aedes reads once for each 'readable', and where `read` gives one buffer
  // at a time (Node 26) would wait for ever for the rest of a CONNECT that came in pieces.
  stream.read = (size?: number) => {
    const passed: Buffer[] = [];
    for (;;) {
      if (stream.destroyed) return null;
      const state = hooks.state();
      if (state === 'wait') {
        // Nothing is read on, but the end is noticed: who left while it waited for its sign-in takes no more room.
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
