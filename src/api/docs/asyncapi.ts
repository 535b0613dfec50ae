import { z } from 'zod';
import { ID_RULE } from '../../model/ids.js';
import { DOMAINS, type Domain } from '../../model/reading.js';
import { MAX_ITEMS, MAX_PAYLOAD_BYTES } from '../../model/wire/readings.js';
import { alarmTopic, readingsTopic, rejectionsTopic, statusTopic } from '../../model/wire/topic.js';
import { EXAMPLES } from './examples.js';
import { MESSAGES, type Message } from './messages.js';

type MessageName = keyof typeof MESSAGES;

const id = (what: string) => ({ description: `id of the ${what}: ${ID_RULE}` });
const mqtt = (qos: 0 | 1, retain: boolean) => ({ mqtt: { qos, retain, bindingVersion: '0.2.0' } });

/** What flows over each address; `action` is the service's side of it. */
const FLOWS = [
  {
    name: 'readings',
    address: readingsTopic('{park}', '{domain}' as Domain, '{device}'),
    parameters: { park: id('park'), domain: { enum: [...DOMAINS] }, device: id('device') },
    description:
      `Published by gateways: one item or at most ${MAX_ITEMS}, at most ${MAX_PAYLOAD_BYTES} bytes. PUBACK of a QoS 1 ` +
      'message means stored. The same device, metric and time twice counts once, the later arrival winning.',
    server: 'mqtt',
    messages: [['receive', ['readings']]],
    bindings: mqtt(1, false),
  },
  {
    name: 'status',
    address: statusTopic('{park}', '{gateway}'),
    parameters: { park: id('park'), gateway: id('gateway') },
    description: 'Published by a gateway, retained, and named as its will.',
    server: 'mqtt',
    messages: [['receive', ['status']]],
    bindings: mqtt(1, true),
  },
  {
    name: 'rejections',
    address: rejectionsTopic('{park}', '{gateway}'),
    parameters: { park: id('park'), gateway: id('gateway') },
    description: 'Published by the service: one message for each item that was not taken.',
    server: 'mqtt',
    messages: [['send', ['rejection']]],
    bindings: mqtt(0, false),
  },
  {
    name: 'standingAlarms',
    address: alarmTopic('{park}', '{alarm}'),
    parameters: { park: id('park'), alarm: { description: 'id of the alarm' } },
    description:
      'Published by the service, retained, while the alarm stands and nothing suppresses it; an empty payload once it is ' +
      'normal, shelved, suppressed by design or out of service. What people do to it goes through the API. Alarms of the ' +
      'service itself (domain `system`) are no park’s and have no topic: they are on the WebSocket and in the API.',
    server: 'mqtt',
    messages: [['send', ['standingAlarm']]],
    bindings: mqtt(1, true),
  },
  {
    name: 'liveAlarms',
    address: '/ws/alarms',
    parameters: {},
    description:
      'After `subscribe` the service answers a snapshot, or with `since` every event after it, and then each event as ' +
      'it happens. A client that does not read is closed with 4008, one that a fault of the service strikes with 1011; both can resume.',
    server: 'websocket',
    messages: [
      ['receive', ['subscribeToAlarms']],
      ['send', ['snapshot', 'alarm', 'gap', 'flood', 'error']],
    ],
    bindings: {},
  },
  {
    name: 'liveReadings',
    address: '/ws/readings',
    parameters: {},
    description:
      'Values as they become durable, without resume: history is the API’s. A slow client is closed with 4008.',
    server: 'websocket',
    messages: [
      ['receive', ['subscribeToReadings']],
      ['send', ['subscribed', 'liveReadings', 'error']],
    ],
    bindings: {},
  },
] as const satisfies readonly Flow[];

interface Flow {
  readonly name: string;
  readonly address: string;
  readonly parameters: Readonly<Record<string, object>>;
  readonly description: string;
  readonly server: 'mqtt' | 'websocket';
  readonly messages: readonly (readonly ['send' | 'receive', readonly MessageName[]])[];
  readonly bindings: object;
}

const SERVERS = {
  mqtt: {
    host: '{host}:1883',
    protocol: 'mqtt',
    protocolVersion: '3.1.1',
    description: 'MQTT over TCP; over TLS and over WebSocket (`/mqtt` on the HTTP port) just the same',
    variables: { host: { default: 'localhost' } },
    security: [{ $ref: '#/components/securitySchemes/gateway' }],
  },
  websocket: {
    host: '{host}:8080',
    protocol: 'ws',
    description: 'The HTTP port',
    variables: { host: { default: 'localhost' } },
    security: [{ $ref: '#/components/securitySchemes/token' }, { $ref: '#/components/securitySchemes/ticket' }],
  },
};

/** The AsyncAPI 3.0 document of MQTT and the WebSocket. */
export function asyncApi(version: string): Record<string, unknown> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Smart park monitor: MQTT and WebSocket',
      version,
      description: 'What gateways publish and what they and clients are told. Everything else is in /openapi.json.',
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: Object.fromEntries(FLOWS.map((flow) => [flow.name, channelOf(flow)])),
    operations: Object.fromEntries(FLOWS.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(Object.entries(MESSAGES).map(([name, message]) => [name, messageOf(name, message)])),
      securitySchemes: {
        gateway: { type: 'userPassword', description: "the gateway's id as user name, its secret as password" },
        token: { type: 'http', scheme: 'bearer', description: 'a token of the API' },
        ticket: { type: 'httpApiKey', in: 'query', name: 'ticket', description: 'from POST /api/v1/ws-tickets, once' },
      },
    },
  };
}

function channelOf({ address, description, parameters, server, messages }: Flow) {
  const names = messages.flatMap(([, of]) => of);
  return {
    address,
    description,
    servers: [{ $ref: `#/servers/${server}` }],
    ...(Object.keys(parameters).length > 0 && { parameters }),
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  };
}

function operationsOf({ name, messages, bindings }: Flow) {
  return messages.map(([action, of]) => [
    `${action}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    {
      action,
      channel: { $ref: `#/channels/${name}` },
      messages: of.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
      ...(Object.keys(bindings).length > 0 && { bindings }),
    },
  ]);
}

function messageOf(name: string, [title, payload]: Message) {
  const examples = (EXAMPLES as Readonly<Record<string, readonly unknown[]>>)[name];
  const { $schema: _, ...schema } = z.toJSONSchema(payload, { target: 'draft-7', io: 'input' });
  return {
    name,
    title,
    contentType: 'application/json',
    payload: schema,
    ...(examples && { examples: examples.map((example) => ({ payload: example })) }),
  };
}
