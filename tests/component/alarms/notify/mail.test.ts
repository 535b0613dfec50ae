import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChannelTarget } from '../../../../src/alarms/notify/port.js';
import { openSetup } from './helpers.js';

interface Mail {
  readonly from: string;
  readonly to: string[];
  readonly source: string;
  readonly user: string | undefined;
}

/** A real mail server on a free port that keeps what it takes. */
async function startMailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onAuth({ username, password }, _session, done) {
      logins.push(`${username}:${password}`);
      if (password !== 'right') return done(Object.assign(new Error('no'), { responseCode: 535 }));
      done(null, { user: username });
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const user = typeof session.user === 'string' ? session.user : undefined;
        mails.push({ from, to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString(), user });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const target = (change: Partial<Extract<ChannelTarget, { kind: 'email' }>> = {}): ChannelTarget => ({
    ...{ kind: 'email', host: '127.0.0.1', port, secure: false, user: null },
    ...{ from: 'park@example.org', to: ['shift@example.org', 'chief@example.org'] },
    ...change,
  });
  return { mails, logins, target };
}

const refuse = (responseCode: number) => Object.assign(new Error('secret text of the server'), { responseCode });

/** The text of a mail, decoded. */
function decoded(source: string): string {
  const [head = '', ...body] = source.split('\r\n\r\n');
  const text = body.join('\r\n\r\n').replaceAll('\r\n', '\n');
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString();
  const bytes = text
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

describe('a mail', () => {
  it('reaches every receiver, with a Message-ID that stays the same at a second attempt', async () => {
    let busy = true;
    const seen: string[] = [];
    const server = await startMailServer({
      onMailFrom(_address, _session, done) {
        seen.push('attempt');
        done(busy ? refuse(451) : null);
        busy = false;
      },
    });
    const setup = openSetup();
    setup.channel('mail', server.target());
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()).toMatchObject([{ state: 'waiting', error: expect.stringMatching(/^SMTP 451 /) }]);
    await setup.pass(5);
    await setup.settled('sent', 1);
    expect(seen).toHaveLength(2);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: 'park@example.org', to: ['shift@example.org', 'chief@example.org'] });
    expect(mail?.source).toMatch(/^Message-ID: <1-1795392000000-1-mail@example\.org>\r$/m);
    expect(decoded(mail!.source)).toContain('【紧急】感烟探测器报警\n园区：oh-diandu\n');
  });

  it('that is refused for good is not tried again, and the server’s text is not kept', async () => {
    const server = await startMailServer({ onMailFrom: (_address, _session, done) => done(refuse(550)) });
    const setup = openSetup();
    setup.channel('mail', server.target());
    await setup.tell('raised');
    const [dead] = await setup.settled('dead', 1);
    expect(dead?.error).toBe('SMTP 550 (EENVELOPE)');
  });

  it('that some receivers do not get is sent, and says for how many it was refused', async () => {
    const server = await startMailServer({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('chief') ? refuse(550) : null),
    });
    const setup = openSetup();
    setup.channel('mail', server.target());
    await setup.tell('raised');
    const [sent] = await setup.settled('sent', 1);
    expect(sent?.error).toBe('refused for 1 of 2 receivers');
  });

  it('to a server that says nothing is given up after the time-out', async () => {
    const server = await startMailServer({ onConnect: () => undefined });
    const setup = openSetup({ bounds: { timeoutMs: 80 } });
    setup.channel('mail', server.target());
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
  });
});

describe('the password of a mail server', () => {
  const certificate = () =>
    generate([{ name: 'commonName', value: '127.0.0.1' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });

  it('signs in over TLS', async () => {
    const { private: key, cert } = await certificate();
    const server = await startMailServer({ secure: true, key, cert, disabledCommands: [] });
    const setup = openSetup({ mailCa: cert });
    setup.channel('mail', server.target({ secure: true, user: 'park' }), 'right');
    await setup.tell('raised');
    await setup.settled('sent', 1);
    expect(server.mails[0]?.user).toBe('park');
  });

  it('that is wrong is a final error', async () => {
    const { private: key, cert } = await certificate();
    const server = await startMailServer({ secure: true, key, cert, disabledCommands: [] });
    const setup = openSetup({ mailCa: cert });
    setup.channel('mail', server.target({ secure: true, user: 'park' }), 'wrong-password');
    await setup.tell('raised');
    const [dead] = await setup.settled('dead', 1);
    expect(dead?.error).toBe('SMTP 535 (EAUTH)');
    expect(JSON.stringify([setup.logged, setup.audited, setup.notifier.channels()])).not.toContain('wrong-password');
  });

  it('is never sent to a server that does not prove who it is, nor in clear', async () => {
    const { private: key, cert } = await certificate();
    const [unproven, clear] = [
      await startMailServer({ secure: true, key, cert, disabledCommands: [] }),
      await startMailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: true }),
    ];
    const setup = openSetup();
    setup.channel('unproven', unproven.target({ secure: true, user: 'park' }), 'right');
    setup.channel('clear', clear.target({ user: 'park' }), 'right');
    await setup.tell('raised');
    await setup.failures(2);
    expect([...unproven.logins, ...clear.logins]).toEqual([]);
    expect([...unproven.mails, ...clear.mails]).toEqual([]);
  });
});
