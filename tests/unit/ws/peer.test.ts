import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { UnsentBacklog } from '../../../src/ws/backlog.js';
import { WS_LIMITS } from '../../../src/ws/limits.js';
import { Peer } from '../../../src/ws/peer.js';
import { newWsStats } from '../../../src/ws/port.js';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readyState = 1;
  pings = 0;
  ping() {
    this.pings += 1;
  }
  terminate() {
    this.readyState = 3;
    this.emit('close');
  }
}

describe('a client that is pinged', () => {
  let socket: FakeSocket;
  afterEach(() => void socket.terminate());

  function open() {
    socket = new FakeSocket();
    const stats = newWsStats();
    const options = { limits: WS_LIMITS, stats, backlog: new UnsentBacklog(Number.POSITIVE_INFINITY, stats) };
    const signedIn = { principal: {}, token: '' } as never;
    return { stats, peer: new Peer(socket as never as WebSocket, new Duplex(), { ...options, signedIn }) };
  }

  it('is not dropped when its answer lies in the socket while the service is held up', async () => {
    const { stats, peer } = open();
    peer.beat();
    peer.beat();
    socket.emit('pong');
    await turn();
    expect([stats.dead, socket.readyState]).toEqual([0, socket.OPEN]);
    peer.beat();
    expect(socket.pings).toBe(2);
  });

  it('is dropped when it answers none', async () => {
    const { stats, peer } = open();
    peer.beat();
    peer.beat();
    await turn();
    expect([stats.dead, socket.readyState]).toEqual([1, socket.CLOSED]);
  });
});
