import { onTestFinished } from 'vitest';
import type { NotifiedEvent } from '../../../src/alarms/model/notify/event.js';
import { Notifier } from '../../../src/alarms/notify/notifier.js';
import type { Notifications } from '../../../src/alarms/notify/port.js';
import { migrations as notifyTables } from '../../../src/alarms/notify/schema.js';
import { alarmChannelRoutes, alarmDeliveryRoutes } from '../../../src/api/alarm-channels/routes.js';
import { alarmEscalationRoutes } from '../../../src/api/alarm-escalation/routes.js';
import { migrate } from '../../../src/state/migrate.js';
import { ADMIN, startApi } from './helpers.js';

/** The frame with the routes of notification, on the state file of the registry. */
export async function startNotifyApi() {
  const lazy: { notifier?: Notifier } = {};
  const notifications = new Proxy({} as Notifications, {
    get: (_target, name) => {
      const notifier = lazy.notifier!;
      const member: unknown = Reflect.get(notifier, name);
      return typeof member === 'function' ? member.bind(notifier) : member;
    },
  });
  const api = await startApi({
    routes: (app) => {
      const deps = { notifications, timeZone: 'Asia/Shanghai' };
      const registry = { park: (id: string) => api.registry.park(id) } as typeof api.registry;
      app.register(alarmChannelRoutes({ ...deps, registry }), { prefix: '/api/v1' });
      app.register(alarmDeliveryRoutes(deps), { prefix: '/api/v1' });
      app.register(alarmEscalationRoutes({ ...deps, registry }), { prefix: '/api/v1' });
    },
  });
  migrate(api.state.db, api.path, { notify: notifyTables });
  const record: NotifiedEvent[] = [];
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const notifier = new Notifier({
    ...{ state: api.state, clock: () => api.clock.now, random: () => 1, audit: api.registry.audit, log: silent },
    events: ({ afterSeq, limit }) => record.filter((one) => one.seq > afterSeq).slice(0, limit),
    ...{ headSeq: () => record.at(-1)?.seq ?? 0, escalate: () => undefined, onChannelHealth: () => undefined },
  });
  lazy.notifier = notifier;
  onTestFinished(() => notifier.close());
  return {
    ...api,
    notifier,
    async tell(event: NotifiedEvent): Promise<void> {
      record.push(event);
      notifier.onEvents([event]);
      await notifier.tick(api.clock.now);
    },
    /** The audited changes of notification, oldest first. */
    changes: () =>
      api.registry.audit
        .list({ outcome: 'done' }, { limit: 100 })
        .filter(({ action }) => action.startsWith('alarm_'))
        .map(({ action, target }) => `${action} ${target}`)
        .reverse(),
  };
}

export { ADMIN };
