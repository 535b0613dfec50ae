import { createTransport } from 'nodemailer';
import { failureCode, type Outcome, SENT } from '../delivery/outcome.js';
import type { ChannelTarget } from '../port.js';

interface Mail {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

interface MailOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Further certificate authorities, PEM; the system's when left out. */
  readonly ca?: string | undefined;
}

/** Bad sequence of commands: the session's fault, not the message's. */
const BAD_SEQUENCE = 503;

/**
 * Sends a mail over its own connection. Never sends the password in clear: a user requires TLS. Every attempt has the
 * same Message-ID, so that mail servers can drop duplicates. Never throws.
 */
export async function sendMail(
  target: Extract<ChannelTarget, { kind: 'email' }>,
  password: string | null,
  { id, subject, text }: Mail,
  { signal, timeoutMs, ca }: MailOptions,
): Promise<Outcome> {
  const { host, port, secure, user, from, to } = target;
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: user !== null,
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const messageId = `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`;
    const info = await transport.sendMail({ from, to: [...to], subject, text, messageId, signal });
    const refused = info.rejected?.length ?? 0;
    return refused === 0 ? SENT : { kind: 'sent', note: `refused for ${refused} of ${to.length} receivers` };
  } catch (error) {
    return failed(error);
  } finally {
    transport.close();
  }
}

/** RFC 5321 section 4.2.1: 4yz may work later, 5yz will not. Omits the server's text, which may repeat secrets. */
function failed(error: unknown): Outcome {
  const { responseCode } = error as { responseCode?: unknown };
  const code = failureCode(error);
  if (typeof responseCode !== 'number') return { kind: 'retry', error: code, askedMs: null };
  const text = `SMTP ${responseCode} (${code})`;
  if (responseCode >= 500 && responseCode !== BAD_SEQUENCE) return { kind: 'final', error: text };
  return { kind: 'retry', error: text, askedMs: null };
}
