import type { Client } from 'aedes';
import type { Logger } from 'pino';
import type { Audit } from '../registry/audit/port.js';
import { FrameTooLargeError } from './lane/frame-splitter.js';
import type { BrokerStats, Refusal } from './port.js';
import type { Sessions } from './sessions.js';

const MAX_NAME_IN_LOG = 80;
const MAX_REASON = 300;

/** A refusal that the broker has already counted; the connection ends. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Counts refusals, and reports each to `onRefused`. */
export class Refusals {
  constructor(
    private readonly stats: BrokerStats,
    private readonly sessions: Sessions,
    private readonly onRefused: (refusal: Refusal) => void,
  ) {}

  signIn(client: Client, name: string, reason: string, later: boolean): void {
    if (later) this.stats.signInsPutOff += 1;
    else this.stats.signInsRefused += 1;
    this.tell('sign_in', client, reason, name);
  }

  topic(client: Client, reason: string): void {
    this.stats.topicsRefused += 1;
    this.tell('topic', client, reason);
  }

  /** The bytes are not MQTT, or the packet is too large. */
  broken(client: Client, error: Error): void {
    const tooLarge = error instanceof FrameTooLargeError;
    if (tooLarge) this.stats.packetsTooLarge += 1;
    else this.stats.protocolErrors += 1;
    this.tell(tooLarge ? 'packet' : 'protocol', client, error.message);
  }

  /** Counts an error of aedes, unless the broker has counted it or the connection only ended. */
  failed(client: Client, error: Error): void {
    if (error instanceof RefusedError || client.conn.readableEnded || client.conn.writableEnded) return;
    this.broken(client, error);
  }

  private tell(kind: Refusal['kind'], client: Client & { address?: string }, reason: string, name?: string): void {
    const session = this.sessions.of(client);
    const gateway = session?.gateway ?? name ?? null;
    if (session !== undefined) session.counters.refused += 1;
    this.onRefused({
      kind,
      gateway: gateway?.slice(0, MAX_NAME_IN_LOG) ?? null,
      address: client.address ?? '',
      reason: reason.slice(0, MAX_REASON),
    });
  }
}

/** Writes every refusal to the audit, which bounds them, and to the log at a level that is off by default. */
export function auditRefusals(audit: Pick<Audit, 'record'>, log: Pick<Logger, 'debug'>): (refusal: Refusal) => void {
  return ({ kind, gateway, address, reason }) => {
    log.debug({ kind, gateway, address, reason }, 'MQTT refused');
    audit.record({
      who: gateway === null || kind === 'sign_in' ? `address:${address}` : `gateway:${gateway}`,
      action: `mqtt.${kind}`,
      target: gateway ?? address,
      outcome: 'refused',
      detail: { reason, address },
    });
  };
}
