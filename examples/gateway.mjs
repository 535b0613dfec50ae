// A gateway in Node.js, to copy and change. It needs one package: npm install mqtt
//
//   MQTT_URL=mqtt://127.0.0.1:1883 PARK=oh-diandu GATEWAY=gw-01 SECRET=… node gateway.mjs
//
// It reads one reading per line from its standard input, where your driver for meters and sensors would be:
//
//   {"domain": "energy", "device": "em-01", "values": {"active_power_kw": 412.5}}
//
// It ends when its input ends and the service has acknowledged everything.
import { createInterface } from 'node:readline';
import mqtt from 'mqtt';

const { MQTT_URL = 'mqtt://127.0.0.1:1883', PARK, GATEWAY, SECRET } = process.env;
if (!PARK || !GATEWAY || !SECRET) fail('set PARK, GATEWAY and SECRET');

/** Readings kept while the link is away; beyond it the oldest goes. Keep them on a disk if a power cut must not lose them. */
const CAPACITY = 100_000;
/** The service takes up to 1,000 items and 256 KiB in one message. */
const ITEMS_PER_MESSAGE = 200;

const STATUS = `parks/${PARK}/gateways/${GATEWAY}/status`;
const REJECTIONS = `parks/${PARK}/gateways/${GATEWAY}/rejections`;
/** The retained status and the will are QoS 1 too. */
const RETAINED = { qos: 1, retain: true };

/** What the service has not acknowledged yet, the oldest first. */
const buffer = [];
let dropped = 0;
let online = false;
let sending = false;

const client = mqtt.connect(MQTT_URL, {
  protocolVersion: 4,
  clientId: GATEWAY,
  username: GATEWAY,
  password: SECRET,
  keepalive: 30,
  reconnectPeriod: 1_000,
  resubscribe: false,
  // The broker publishes the will when this gateway disappears without a word.
  will: { topic: STATUS, payload: '{"online": false}', ...RETAINED },
});

client.on('connect', () => {
  online = true;
  say('link up');
  client.subscribe(REJECTIONS, { qos: 1 });
  client.publish(STATUS, JSON.stringify({ online: true, ts: Date.now() }), RETAINED);
});
client.on('close', () => {
  if (online) say('link away');
  online = false;
});
client.on('error', (error) => {
  // CONNACK 4 and 5: asking again does not help. After 3 (no room now) the library comes again by itself.
  if (error.code === 4 || error.code === 5) fail('the service does not take this gateway and secret');
});
// A bad item never spoils the good ones beside it: the message is acknowledged, and this says what was not taken.
client.on('message', (topic, payload) => {
  if (topic === REJECTIONS) say(`rejected ${payload}`);
});

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  // A reading has the time at which it was measured, not the time at which the link came back.
  const { domain, device, ts = Date.now(), ...item } = JSON.parse(line);
  buffer.push({ topic: `parks/${PARK}/${domain}/${device}/readings`, item: { ts, ...item } });
  if (buffer.length > CAPACITY) {
    buffer.shift();
    dropped += 1;
  }
  void send();
}
await send();
while (sending) await new Promise((resolve) => setTimeout(resolve, 50));
await client.publishAsync(STATUS, JSON.stringify({ online: false, ts: Date.now() }), RETAINED);
await client.endAsync();
say(`done, ${dropped} dropped`);

/** Sends what is buffered, in order, one message at a time. PUBACK means that the service has it on disk. */
async function send() {
  if (sending) return;
  sending = true;
  while (buffer.length > 0) {
    const { topic, items } = nextMessage();
    // While the link is away the library keeps the message, sends it again, and resolves with its PUBACK.
    await client.publishAsync(topic, JSON.stringify(items), { qos: 1 });
    say(`acknowledged ${items.length}`);
  }
  sending = false;
}

/** Takes the oldest readings that share a topic out of the buffer. */
function nextMessage() {
  const { topic } = buffer[0];
  let count = 1;
  while (count < ITEMS_PER_MESSAGE && buffer[count]?.topic === topic) count += 1;
  return { topic, items: buffer.splice(0, count).map(({ item }) => item) };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
