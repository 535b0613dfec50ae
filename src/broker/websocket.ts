import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { BROKER_BOUNDS } from './bounds.js';
import type { EmbeddedBroker } from './broker.js';

/** MQTT over WebSocket on the port of the HTTP listener. */
interface WebSocketEntry {
  /** Takes over an HTTP upgrade request; accepts only the sub-protocol `mqtt`, MQTT 3.1.1 section 6. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function webSocketEntry(broker: EmbeddedBroker): WebSocketEntry {
  const sockets = new WebSocketServer({
    noServer: true,
    // A message can hold several packets or a part of one; the splitter bounds each packet.
    maxPayload: 2 * BROKER_BOUNDS.packetBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  return {
    upgrade(request, socket, head) {
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      if (!offered.includes('mqtt')) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nthe sub-protocol must be mqtt');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const stream = createWebSocketStream(webSocket);
        stream.on('error', () => undefined);
        broker.accept(stream, request.socket.remoteAddress ?? '', request);
      });
    },
    close() {
      for (const client of sockets.clients) client.terminate();
    },
  };
}
