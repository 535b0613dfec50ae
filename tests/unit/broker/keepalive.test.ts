import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Keepalive } from '../../../src/broker/keepalive.js';

function watched(seconds: number) {
  let now = 0;
  const keepalive = new Keepalive(() => now);
  onTestFinished(() => keepalive.close());
  const stream = new PassThrough();
  keepalive.watch(stream);
  keepalive.expect(stream, seconds);
  const at = (ms: number) => {
    now = ms;
    keepalive.sweep();
    return stream.destroyed;
  };
  return { keepalive, stream, at, hear: () => keepalive.noteRead(stream) };
}

describe('Keepalive', () => {
  it('ends a connection after one and a half times its keep-alive, MQTT-3.1.2-24', () => {
    const { at, keepalive } = watched(10);
    expect(at(15_000)).toBe(false);
    expect(at(15_001)).toBe(true);
    expect(keepalive.timeouts).toBe(1);
  });

  it('counts from the last sign of life', () => {
    const { at, hear } = watched(10);
    at(14_000);
    hear();
    expect(at(29_000)).toBe(false);
    expect(at(29_001)).toBe(true);
  });

  it('leaves a connection that asked for none alone', () => {
    expect(watched(0).at(1e12)).toBe(false);
  });
});
