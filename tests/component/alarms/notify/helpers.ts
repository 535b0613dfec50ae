import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { NotifiedAlarm, NotifiedEvent } from '../../../../src/alarms/model/notify/event.js';
import type { EscalationPolicy } from '../../../../src/alarms/model/notify/policy.js';
import type { AlarmEventName } from '../../../../src/alarms/model/transition.js';
import type { NotifyBounds } from '../../../../src/alarms/notify/bounds.js';
import { Notifier, type NotifierDeps } from '../../../../src/alarms/notify/notifier.js';
import type { ChannelInput, ChannelTarget, Delivery, DeliveryState } from '../../../../src/alarms/notify/port.js';
import { migrations } from '../../../../src/alarms/notify/schema.js';
import type { AuditEntry } from '../../../../src/registry/audit/port.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';
import { FIRE, T0 } from '../../../unit/alarms/model/notify/helpers.js';

export const SECRET = 'the key of the test hook';

export interface SetupOptions {
  readonly bounds?: Partial<NotifyBounds>;
  readonly mailCa?: string;
  /** Events that were there before the notifier. */
  readonly before?: readonly NotifiedEvent[];
}

/** A notifier on a real state file, beside a record of alarm events as the store of alarms keeps it. */
export function openSetup({ bounds, mailCa, before = [] }: SetupOptions = {}) {
  const dir = tempDir();
  let path = join(dir, 'park.sqlite');
  let crashes = 0;
  const clock = { now: T0 };
  const record: NotifiedEvent[] = [...before];
  const logged: { level: string; fields: object; message: string }[] = [];
  const audited: AuditEntry[] = [];
  const escalated: string[] = [];
  const health = new Map<string, number>();
  const log: NotifierDeps['log'] = {
    info: (message) => logged.push({ level: 'info', fields: {}, message }),
    warn: (fields, message) => logged.push({ level: 'warn', fields, message }),
    error: (fields, message) => logged.push({ level: 'error', fields, message }),
  };

  const open = () => {
    const state = openState(path, { notify: migrations });
    const notifier = new Notifier({
      ...{ state, log, clock: () => clock.now, random: () => 1 },
      audit: { record: (entry) => audited.push(entry) },
      events: ({ afterSeq, limit }) => record.filter((one) => one.seq > afterSeq).slice(0, limit),
      headSeq: () => record.at(-1)?.seq ?? 0,
      escalate: (alarm, level) => escalated.push(`${alarm} ${level}`),
      onChannelHealth: (channel, seconds) => health.set(channel, seconds),
      ...(mailCa !== undefined && { mailCa }),
      bounds: { timeoutMs: 5_000, ...bounds },
    });
    return { state, notifier };
  };
  let live = open();
  onTestFinished(async () => {
    await live.notifier.close();
    live.state.close();
  });

  const setup = {
    get path() {
      return path;
    },
    clock,
    record,
    logged,
    audited,
    escalated,
    health,
    get notifier() {
      return live.notifier;
    },
    get state() {
      return live.state;
    },
    /** The next event in the record, not handed over. */
    write(event: AlarmEventName, change: Partial<NotifiedAlarm> = {}): NotifiedEvent {
      const seq = (record.at(-1)?.seq ?? 0) + 1;
      const one = { seq, event, at: clock.now, alarm: { ...FIRE, ...change, seq } };
      record.push(one);
      return one;
    },
    /** An event that is durable and handed over; resolves when what it led to is in the queue. */
    async tell(event: AlarmEventName, change: Partial<NotifiedAlarm> = {}): Promise<void> {
      live.notifier.onEvents([setup.write(event, change)]);
      await live.notifier.tick(clock.now);
    },
    /** Lets time pass and does what is due. */
    async pass(seconds: number): Promise<void> {
      clock.now += seconds * 1_000;
      await live.notifier.tick(clock.now);
    },
    hook(id: string, url: string, change: Partial<ChannelInput> = {}): void {
      const target = { kind: 'webhook' as const, url };
      live.notifier.putChannel(id, { ...SETTINGS, target, secret: SECRET, ...change }, 'admin');
    },
    channel(id: string, target: ChannelTarget, secret: string | null = null): void {
      live.notifier.putChannel(id, { ...SETTINGS, target, secret }, 'admin');
    },
    policy(policy: Partial<EscalationPolicy>): void {
      live.notifier.putPolicy({ low: [], medium: [], high: [], critical: [], ...policy }, 'admin');
    },
    deliveries: (state?: DeliveryState): Delivery[] =>
      [...live.notifier.deliveries({ limit: 500, ...(state && { state }) })].reverse(),
    /** Waits until as many deliveries are in a state. */
    settled: (state: DeliveryState, count: number): Promise<Delivery[]> =>
      vi.waitFor(() => {
        const found = setup.deliveries(state);
        if (found.length !== count)
          throw new Error(`${found.length} of ${count} ${state}: ${JSON.stringify(setup.deliveries())}`);
        return found;
      }, 10_000),
    /** Waits until as many attempts failed since the start. */
    failures: (count: number) =>
      vi.waitFor(() => {
        if (live.notifier.stats.failedAttempts !== count)
          throw new Error(`${live.notifier.stats.failedAttempts} failures`);
      }, 10_000),
    /** Stops and starts again. */
    async restart(): Promise<void> {
      await live.notifier.close();
      live.state.close();
      live = open();
    },
    /** Goes on from the file as it lies on the disk at this moment, as after kill -9. */
    async crash(): Promise<void> {
      crashes += 1;
      const left = join(dir, `crash-${crashes}.sqlite`);
      for (const part of ['', '-wal']) copyFileSync(`${path}${part}`, `${left}${part}`);
      const gone = live;
      path = left;
      live = open();
      await gone.notifier.close();
      gone.state.close();
    },
  };
  return setup;
}
export type Setup = ReturnType<typeof openSetup>;

export const SETTINGS = {
  enabled: true,
  language: 'zh',
  filter: { parks: [], domains: [], minPriority: 'low' },
  perMinute: 600,
} as const satisfies Omit<ChannelInput, 'target' | 'secret'>;
