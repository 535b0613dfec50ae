import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testApp } from '../../helpers/app.js';

const LONG = { timeout: 20_000, interval: 50 };
const SECRET = 'a-secret-of-the-receiver-0123';

interface Received {
  readonly body: string;
  readonly signature: string;
  readonly timestamp: string;
}

/** A receiver of webhooks on a free port; `status` is what it answers from now on. */
async function receiver() {
  const received: Received[] = [];
  const state = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name] ?? '');
      received.push({
        body: Buffer.concat(chunks).toString(),
        signature: header('x-park-signature'),
        timestamp: header('x-park-timestamp'),
      });
      response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { received, state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const channel = (url: string) => ({
  kind: 'webhook',
  url,
  language: 'zh',
  secret: SECRET,
});

describe('notification by the running service', () => {
  it('sends a fire alarm, signed, to a channel made by the API, and its end', async () => {
    const hook = await receiver();
    const service = await testApp();
    const put = await service.api('/api/v1/alarm-channels/centre', { method: 'PUT', json: channel(hook.url) });
    expect([put.status, await put.clone().text()]).toEqual([201, expect.not.stringContaining(SECRET)]);
    const client = await service.mqtt(await service.gateway('gw-1', 'oh-diandu'));
    const topic = 'parks/oh-diandu/fire/smoke-1/readings';
    await client.publishAsync(topic, '{"values":{"smoke_alarm":true}}', { qos: 1 });
    await vi.waitFor(() => expect(hook.received).toHaveLength(1), LONG);
    const [told] = hook.received as [Received];
    const signed = createHmac('sha256', SECRET).update(`${told.timestamp}.${told.body}`).digest('hex');
    expect(told.signature).toBe(`v1=${signed}`);
    expect(told.body).toContain('smoke-alarm:smoke-1');

    await client.publishAsync(topic, '{"values":{"smoke_alarm":false}}', { qos: 1 });
    await vi.waitFor(() => expect(hook.received).toHaveLength(2), LONG);
    const metrics = await (await service.api('/metrics')).text();
    expect(metrics).toMatch(/^park_notify_sent_total 2$/m);
  });

  it('raises an alarm about a channel that does not work, and does not send it there', async () => {
    const hook = await receiver();
    hook.state.status = 500;
    let ahead = 0;
    const service = await testApp({}, undefined, { clock: () => Date.now() + ahead });
    await service.api('/api/v1/alarm-channels/centre', { method: 'PUT', json: channel(hook.url) });
    const client = await service.mqtt(await service.gateway('gw-1', 'oh-diandu'));
    await client.publishAsync('parks/oh-diandu/fire/smoke-1/readings', '{"values":{"smoke_alarm":true}}', { qos: 1 });
    await vi.waitFor(() => expect(hook.received.length).toBeGreaterThan(0), LONG);
    ahead = 11 * 60_000;
    const standing = async () => (await service.get('/api/v1/alarms?domain=system')).items as { id: string }[];
    await vi.waitFor(
      async () => expect((await standing()).map(({ id }) => id)).toEqual(['channel-failing:channel-centre']),
      LONG,
    );
    expect(hook.received.every(({ body }) => !body.includes('channel-failing'))).toBe(true);
  });
});
