import { generate } from 'mqtt-packet';

/** How a gateway signs in. */
export interface Login {
  readonly id: string;
  readonly secret: string;
}

/** A PUBLISH at QoS 1 encoded once; a copy is sent after its packet id and its payload's fields are patched. */
export interface PublishTemplate {
  readonly bytes: Buffer;
  /** Offset of the two bytes of the packet id. */
  readonly idAt: number;
  /** Offset of the payload's first byte. */
  readonly payloadAt: number;
}

/** CONNECT of MQTT 3.1.1 with a clean session. `keepaliveS` of 0 turns the keep-alive off. */
export function connectPacket(login: Login, keepaliveS = 0): Buffer {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: login.id,
    keepalive: keepaliveS,
    username: login.id,
    password: Buffer.from(login.secret),
  });
}

/** Encodes a PUBLISH at QoS 1 whose payload keeps its length. */
export function publishTemplate(topic: string, payload: Buffer): PublishTemplate {
  const bytes = generate({ cmd: 'publish', qos: 1, messageId: 1, dup: false, retain: false, topic, payload });
  const payloadAt = bytes.length - payload.length;
  return { bytes, idAt: payloadAt - 2, payloadAt };
}

export const DISCONNECT = generate({ cmd: 'disconnect' });
