import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type App, type AppDeps, startApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { tempDir } from './temp.js';

export const ADMIN_TOKEN = 'test-administrator-token-0123456789';

/** Threads run compiled, as in the product. */
const THREADS = {
  historian: new URL('../../dist/src/historian/worker-thread/entry.js', import.meta.url),
  checkpoint: new URL('../../dist/src/state/checkpoint-thread.js', import.meta.url),
  statisticsFiles: new URL('../../dist/src/intensity/upload/thread.js', import.meta.url),
};

/** The whole service in this process on free ports, with clients that end with the test. */
export async function testApp(env: Record<string, string> = {}, dir = tempDir(), deps: AppDeps = {}) {
  const config = readConfig({
    PARK_DATA_DIR: dir,
    PARK_HTTP_PORT: '0',
    PARK_MQTT_PORT: '0',
    PARK_ADMIN_TOKEN: ADMIN_TOKEN,
    ...env,
  });
  const app: App = await startApp(config, { log: pino({ level: 'silent' }), threads: THREADS, ...deps });
  const clients: MqttClient[] = [];
  const sockets: WebSocket[] = [];
  const stop = async () => {
    for (const client of clients) client.end(true);
    for (const socket of sockets) socket.terminate();
    await app.close();
  };
  onTestFinished(stop);

  const api = async (path: string, init: RequestInit & { token?: string; json?: unknown } = {}) => {
    const { token = ADMIN_TOKEN, json, ...rest } = init;
    return fetch(`${app.http}${path}`, {
      ...rest,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(rest.headers as Record<string, string>),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  };
  return {
    app,
    dir,
    api,
    /** The JSON answer of a request that must succeed. */
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
    async get(path: string): Promise<any> {
      const answer = await api(path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    async gateway(id: string, park: string): Promise<IClientOptions> {
      const answer = await api('/api/v1/gateways', { method: 'POST', json: { id, park, name: id } });
      const { secret } = (await answer.json()) as { secret: string };
      return { username: id, password: secret };
    },
    async mqtt(login: IClientOptions, url = app.mqtt): Promise<MqttClient> {
      const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...login });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    /** An open socket and all it was sent, parsed. */
    // biome-ignore lint/suspicious/noExplicitAny: messages are looked into by the tests
    async ws(path: string): Promise<{ socket: WebSocket; heard: any[] }> {
      const socket = new WebSocket(`${app.http.replace('http', 'ws')}${path}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      sockets.push(socket);
      // biome-ignore lint/suspicious/noExplicitAny: see above
      const heard: any[] = [];
      socket.on('message', (data) => heard.push(JSON.parse(data.toString())));
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return { socket, heard };
    },
  };
}
