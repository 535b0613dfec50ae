import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.js';
import { alarmActionRoutes } from './actions/actions.js';
import { bulkActionRoutes } from './actions/bulk.js';
import { alarmEventRoutes } from './events.js';
import { alarmGroupRoutes } from './groups.js';
import { alarmListRoutes } from './list.js';
import { oneAlarmRoutes } from './one.js';

/** Alarms, what people do to them, and their record. */
export function alarmRoutes(
  deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>,
): FastifyPluginAsync {
  const resources = [alarmListRoutes, oneAlarmRoutes, alarmActionRoutes, bulkActionRoutes, alarmEventRoutes];
  return async (app) => {
    for (const routes of [...resources, alarmGroupRoutes]) await app.register(routes(deps));
  };
}
