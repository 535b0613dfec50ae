import { Duplex } from 'node:stream';
import { generate } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../../src/broker/lane/frame-splitter.js';
import { interceptReads } from '../../../src/broker/lane/intercept-reads.js';

/** A connection whose `read` gives one buffer at a time, as every connection's does on Node 26. */
function piecewise(pieces: readonly Buffer[]): Duplex {
  const left = [...pieces];
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  stream.read = () => left.shift() ?? null;
  return stream;
}

describe('reading through a splitter', () => {
  it('gives a packet that came in pieces in one read', () => {
    const connect = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'gw-1',
      clean: true,
      keepalive: 0,
    });
    const stream = piecewise([...connect].map((byte) => Buffer.from([byte])));
    let reads = 0;
    interceptReads(stream, new FrameSplitter({ packetBytes: 1_000, connectBytes: 1_000 }), {
      state: () => 'read',
      onRead: () => {
        reads += 1;
      },
      onWait: () => undefined,
      onBroken: (error) => {
        throw error;
      },
    });
    expect(stream.read(null as unknown as number)).toEqual(connect);
    expect(reads).toBe(connect.length);
    expect(stream.read()).toBeNull();
  });
});
