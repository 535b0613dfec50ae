import { writeNow } from '../../../state/port.js';
import type { NotifyParts } from '../bounds.js';
import { type ChannelInput, type ChannelSettings, NotifyError } from '../port.js';
import { type Channel, type Health, sealed } from './channel.js';

interface Row extends Omit<Channel, 'settings' | 'target'>, Health {
  readonly settings: string;
  readonly target: string;
}

const HEALTHY: Health = { failingSince: null, error: null };

/** The channels, in memory and in the state file, which holds their secrets in clear because sending needs them. */
export class ChannelBook {
  private readonly byId = new Map<string, Channel>();
  private readonly healthById = new Map<string, Health>();
  private readonly putHealth;

  constructor(private readonly deps: Pick<NotifyParts, 'state' | 'audit' | 'clock' | 'bounds'>) {
    const { db } = deps.state;
    this.putHealth = db.prepare('UPDATE alarm_channels SET failing_since = ?, error = ? WHERE id = ?');
    const rows = db.prepare<[], Row>(`SELECT id, settings, target, secret, updated_at AS updatedAt,
        updated_by AS updatedBy, failing_since AS failingSince, error FROM alarm_channels`);
    for (const { failingSince, error, settings, target, ...row } of rows.all()) {
      this.byId.set(row.id, { ...row, settings: JSON.parse(settings), target: JSON.parse(target) });
      this.healthById.set(row.id, { failingSince, error });
    }
  }

  get(id: string): Channel | undefined {
    return this.byId.get(id);
  }

  /** By id. */
  list(): Channel[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  health(id: string): Health {
    return this.healthById.get(id) ?? HEALTHY;
  }

  /** @throws NotifyError when a required field is missing, or at the most channels */
  put(id: string, input: ChannelInput, who: string): { readonly channel: Channel; readonly created: boolean } {
    const { state, audit, clock, bounds } = this.deps;
    const most = bounds.channels;
    const known = this.byId.get(id);
    if (!known && this.byId.size >= most) {
      throw new NotifyError('conflict', 'channel_limit', `there may be no more than ${most} channels`);
    }
    const { target, secret } = sealed(known, input);
    const { enabled, language, filter, perMinute } = input;
    const settings: ChannelSettings = { enabled, language, filter, perMinute };
    const channel: Channel = { id, settings, target, secret, updatedAt: clock(), updatedBy: who };
    const action = known ? 'alarm_channel.update' : 'alarm_channel.create';
    writeNow(state, (db) => {
      const put = db.prepare(`INSERT INTO alarm_channels (id, settings, target, secret, updated_at, updated_by)
          VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, target = excluded.target,
          secret = excluded.secret, updated_at = excluded.updated_at, updated_by = excluded.updated_by`);
      put.run(id, JSON.stringify(settings), JSON.stringify(target), secret, channel.updatedAt, who);
      const detail = { kind: target.kind, ...settings, newSecret: typeof input.secret === 'string' };
      audit.record({ who, action, target: id, outcome: 'done', detail });
    });
    this.byId.set(id, channel);
    return { channel, created: !known };
  }

  /** Removes a channel; `also` runs in the same transaction. */
  remove(id: string, who: string, also: () => void): void {
    const { state, audit } = this.deps;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM alarm_channels WHERE id = ?').run(id);
      also();
      audit.record({ who, action: 'alarm_channel.remove', target: id, outcome: 'done' });
    });
    this.byId.delete(id);
    this.healthById.delete(id);
  }

  /** The channel's health after an attempt at `now`. */
  healthAfter(id: string, error: string | null, now: number): Health {
    // Never later than now: the service's clock may have been set back.
    return error === null ? HEALTHY : { failingSince: Math.min(this.health(id).failingSince ?? now, now), error };
  }

  /** Runs inside the caller's transaction; `showHealth` follows once it is durable. */
  storeHealth(id: string, { failingSince, error }: Health): void {
    this.putHealth.run(failingSince, error, id);
  }

  showHealth(id: string, health: Health): void {
    if (this.byId.has(id)) this.healthById.set(id, health);
  }
}

type Tell = (channel: string, failingSeconds: number) => void;

/** Reports for how long each channel has failed, and 0 once for a removed channel. */
export class FailureReport {
  private known = new Set<string>();

  constructor(
    private readonly book: ChannelBook,
    private readonly tellOne: Tell,
  ) {}

  tell(now: number): void {
    const channels = this.book.list();
    for (const { id, settings } of channels) {
      const { failingSince } = this.book.health(id);
      const failing = settings.enabled && failingSince !== null;
      this.tellOne(id, failing ? Math.max(0, (now - failingSince) / 1_000) : 0);
      this.known.delete(id);
    }
    for (const gone of this.known) this.tellOne(gone, 0);
    this.known = new Set(channels.map(({ id }) => id));
  }
}
