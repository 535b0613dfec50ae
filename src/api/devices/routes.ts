import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { TimeZone } from '../../domain/time-zone.js';
import { formatInstant } from '../../domain/time-zone-rfc3339.js';
import type { Device, DeviceInput } from '../../registry/port.js';
import { ADMINS, principalOf, READERS, WRITERS } from '../auth/access.js';
import { parksAsked, requirePark } from '../auth/scope.js';
import type { ApiDeps } from '../deps.js';
import { requireProfiles } from '../limit-profiles.js';
import { pageAfter } from '../paging.js';
import { invalidFields, problem } from '../problem.js';
import { deviceAnswer, deviceInput, deviceList, deviceParams, devicesQuery, newDeviceParams } from './schemas.js';

export type DeviceDeps = Pick<ApiDeps, 'registry' | 'timeZone'> & Partial<Pick<ApiDeps, 'alarmRules'>>;

/**
 * `GET PUT DELETE /devices/{device}`, `POST …/retire`, `…/restore`, `GET /devices`; operators change those of their parks,
 * administrators alone take them out of use.
 */
export function deviceRoutes({ registry, timeZone, alarmRules }: DeviceDeps): FastifyPluginAsync {
  const zone = new TimeZone(timeZone);
  const find = (request: FastifyRequest, id: string): Device => {
    const device = registry.device(id);
    if (!device) throw problem(404, 'unknown_device', `there is no device ${id}`);
    requirePark(request, registry, device.park);
    return device;
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/devices',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'The devices in scope',
          querystring: devicesQuery,
          response: { 200: deviceList.describe('A page of devices') },
        },
      },
      async (request) => {
        const { park, domain, limit, cursor, ...others } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const devices = registry
          .devices({ ...(park !== undefined && { park }), ...(domain && { domain }) })
          .filter((device) => parks.has(device.park) && matches(device, others));
        const page = pageAfter(devices, (device) => device.id, { limit, cursor });
        return { ...page, items: page.items.map((device) => toWire(device, zone)) };
      },
    );
    app.get(
      '/devices/:device',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'One device',
          params: deviceParams,
          response: { 200: deviceAnswer.describe('The device') },
        },
      },
      async (request) => toWire(find(request, request.params.device), zone),
    );
    app.put(
      '/devices/:device',
      {
        config: { access: WRITERS },
        schema: {
          tags: ['registry'],
          summary: 'Registers a device, or changes what is given of a known one',
          description: 'What is left out stays as it is; null clears.',
          params: newDeviceParams,
          body: deviceInput,
          response: {
            200: deviceAnswer.describe('The device as it is now'),
            201: deviceAnswer.describe('The device that was registered'),
          },
        },
      },
      async (request, reply) => {
        const input = inputOf(request, registry, request.params.device, request.body);
        const { domain, limitProfile: profile } = input;
        // One that it has already is no news: it may be from before unknown ones were refused.
        const isNews = profile != null && profile !== registry.device(input.id)?.limitProfile;
        if (alarmRules && isNews) requireProfiles(alarmRules, [{ domain, profile, field: 'body.limitProfile' }]);
        const { device, created } = registry.putDevice(input, principalOf(request).id);
        if (created) reply.code(201).header('location', `/api/v1/devices/${device.id}`);
        return toWire(device, zone);
      },
    );
    app.delete(
      '/devices/:device',
      {
        config: { access: ADMINS },
        schema: {
          tags: ['registry'],
          summary: 'Takes a device out of the registry; its readings and events stay',
          description:
            'Its standing alarms end. Heard again it is taken on as a new device; to refuse its readings retire it instead.',
          params: deviceParams,
          response: { 204: z.undefined().describe('It is gone') },
        },
      },
      async (request, reply) => {
        const { id } = find(request, request.params.device);
        registry.removeDevice(id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
    for (const [verb, summary, change] of [
      ['retire', 'Takes a device out of use: its alarms end, its readings are refused', registry.retireDevice],
      ['restore', 'Takes a retired device into use again', registry.restoreDevice],
    ] as const) {
      app.post(
        `/devices/:device/${verb}`,
        {
          config: { access: ADMINS },
          schema: {
            tags: ['registry'],
            summary,
            params: deviceParams,
            response: { 200: deviceAnswer.describe('The device as it is now') },
          },
        },
        async (request) => {
          const { id } = find(request, request.params.device);
          return toWire(change(id, principalOf(request).id), zone);
        },
      );
    }
  };
}

type Filters = Pick<z.output<typeof devicesQuery>, 'enterprise' | 'gateway' | 'origin'>;

function matches(device: Device, { enterprise, gateway, origin }: Filters): boolean {
  return (
    (enterprise === undefined || device.enterprise === enterprise) &&
    (gateway === undefined || device.gateway === gateway) &&
    (origin === undefined || device.origin === origin)
  );
}

/** Completes the body with park and domain of a known device; both its park and the one given must be in scope. */
function inputOf(
  request: FastifyRequest,
  registry: DeviceDeps['registry'],
  id: string,
  body: z.output<typeof deviceInput>,
): DeviceInput {
  const known = registry.device(id);
  if (known) requirePark(request, registry, known.park);
  const { park = known?.park, domain = known?.domain, ...changes } = body;
  if (park === undefined || domain === undefined) {
    const missing = [...(park === undefined ? ['body.park'] : []), ...(domain === undefined ? ['body.domain'] : [])];
    throw invalidFields(missing.map((field) => ({ field, expected: `needed, as device ${id} is new` })));
  }
  if (registry.park(park)) requirePark(request, registry, park);
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { id, park, domain, ...given };
}

function toWire({ retiredAt = null, ...device }: Device, zone: TimeZone) {
  const retired = retiredAt === null ? {} : { retiredAt: formatInstant(retiredAt, zone) };
  return { ...device, createdAt: formatInstant(device.createdAt, zone), ...retired };
}
