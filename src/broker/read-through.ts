import type { Duplex } from 'node:stream';
import { type FrameSplitter, FrameTooLarge } from './frame-splitter.js';

/** Puts the splitter between a connection and aedes, which takes bytes by calling `read` when there are some. */
export function readThrough(
  stream: Duplex,
  splitter: FrameSplitter,
  onRead: () => void,
  onTooLarge: (error: FrameTooLarge) => void,
): void {
  const read = stream.read.bind(stream);
  stream.read = (size?: number) => {
    const chunk: Buffer | null = stream.destroyed ? null : read(size);
    if (chunk === null) return null;
    onRead();
    try {
      return splitter.split(chunk);
    } catch (error) {
      if (!(error instanceof FrameTooLarge)) throw error;
      onTooLarge(error);
      return null;
    }
  };
}
