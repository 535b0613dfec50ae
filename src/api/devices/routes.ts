import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ADMINS, principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { parksAsked, requireBodyEnterprise, requireBodyPark } from '../../http/auth/scope.js';
import { ambiguous, devicesMeant, requireDevice } from '../../http/find/devices.js';
import { requireProfiles } from '../../http/find/limit-profiles.js';
import { given } from '../../http/given.js';
import { pageAfter } from '../../http/paging.js';
import { invalidField, invalidFields } from '../../http/problem.js';
import { gone, ok, okOrMade, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { deviceKey } from '../../model/ids.js';
import type { Device, DeviceInput } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';
import {
  deviceAnswer,
  deviceInput,
  deviceList,
  deviceMove,
  deviceParams,
  deviceQuery,
  devicesQuery,
  newDeviceParams,
} from './schemas.js';

type DeviceDeps = Pick<ApiDeps, 'registry' | 'timeZone'> & Partial<Pick<ApiDeps, 'alarmRules'>>;

/**
 * `GET PUT DELETE /devices/{device}`, `POST …/move`, `…/retire`, `…/restore`, `GET /devices`; operators change those of
 * their parks, only administrators take them out of use.
 */
export function deviceRoutes({ registry, timeZone, alarmRules }: DeviceDeps) {
  const time = timeWriter(timeZone);
  const find = (request: FastifyRequest, id: string, park: string | undefined) => {
    const device = requireDevice(request, registry, id, { field: 'params.device', park });
    return deviceKey(device.park, device.id);
  };

  return routes((app) => {
    app.get(
      '/devices',
      route(READERS, 'registry', 'The devices in scope', {
        querystring: devicesQuery,
        ...ok(deviceList, 'A page of devices'),
      }),
      async (request) => {
        const { park, domain, limit, cursor, ...others } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const devices = registry
          .devices(given({ park, domain }))
          .filter((device) => parks.has(device.park) && matches(device, others));
        const page = pageAfter(devices, ({ id, park }) => `${id} ${park}`, { limit, cursor });
        return { ...page, items: page.items.map((device) => toWire(device, time)) };
      },
    );
    app.get(
      '/devices/:device',
      route(READERS, 'registry', 'One device', {
        params: deviceParams,
        querystring: deviceQuery,
        ...ok(deviceAnswer, 'The device'),
      }),
      async (request) => {
        const { park } = request.query;
        return toWire(requireDevice(request, registry, request.params.device, { field: 'params.device', park }), time);
      },
    );
    app.put(
      '/devices/:device',
      route(WRITERS, 'registry', 'Registers a device, or changes what is given of a known one', {
        description:
          'What is left out stays as it is; null clears. Each park has its own ids: with `park`, the device of that park ' +
          'is registered or changed.',
        params: newDeviceParams,
        querystring: deviceQuery,
        body: deviceInput,
        ...okOrMade(deviceAnswer, 'The device as it is now', 'The device that was registered'),
      }),
      async (request, reply) => {
        const input = inputOf(request, registry, request.params.device, request.body, request.query.park);
        const { id, park, domain, limitProfile: profile } = input;
        // Accepts a profile that the device has already: it may date from before unknown ones were refused.
        const isNews = profile != null && profile !== registry.device(deviceKey(park, id))?.limitProfile;
        if (alarmRules && isNews) requireProfiles(alarmRules, [{ domain, profile, field: 'body.limitProfile' }]);
        const { device, created } = registry.putDevice(input, principalOf(request).id);
        if (created) {
          const one = devicesMeant(request, registry, device.id).length === 1;
          reply.code(201).header('location', `/api/v1/devices/${device.id}${one ? '' : `?park=${device.park}`}`);
        }
        return toWire(device, time);
      },
    );
    app.delete(
      '/devices/:device',
      route(ADMINS, 'registry', 'Takes a device out of the registry; its readings and events stay', {
        description:
          'Its standing alarms end. Heard again it is taken on as a new device; to refuse its readings retire it instead.',
        params: deviceParams,
        querystring: deviceQuery,
        ...gone(),
      }),
      async (request, reply) => {
        const key = find(request, request.params.device, request.query.park);
        registry.removeDevice(key, principalOf(request).id);
        return reply.code(204).send();
      },
    );
    app.post(
      '/devices/:device/move',
      route(
        WRITERS,
        'registry',
        'Moves a device to another park, from now on; its history before stays in the old one',
        {
          description:
            'Its alarms in the old park end, and what gateways there still send of it is refused and kept in quarantine. In ' +
            'the new park it has the same domain, limits, interval and rates of counters; what was learned of it, such as ' +
            'how often it is heard, is learned anew. Its readings before are those of the device of this id in the old park.',
          params: deviceParams,
          querystring: deviceQuery,
          body: deviceMove,
          ...ok(deviceAnswer, 'The device as it is now'),
        },
      ),
      async (request) => {
        const key = find(request, request.params.device, request.query.park);
        const { park, enterprise, ...more } = request.body;
        requireBodyPark(request, registry, park);
        if (enterprise != null) requireBodyEnterprise(request, registry, enterprise);
        const to = { ...given({ ...more, enterprise }), park };
        return toWire(registry.moveDevice(key, to, principalOf(request).id), time);
      },
    );
    for (const [verb, summary, change] of [
      ['retire', 'Takes a device out of use: its alarms end, its readings are refused', registry.retireDevice],
      ['restore', 'Takes a retired device into use again', registry.restoreDevice],
    ] as const) {
      app.post(
        `/devices/:device/${verb}`,
        route(ADMINS, 'registry', summary, {
          params: deviceParams,
          querystring: deviceQuery,
          ...ok(deviceAnswer, 'The device as it is now'),
        }),
        async (request) => {
          const key = find(request, request.params.device, request.query.park);
          return toWire(change(key, principalOf(request).id), time);
        },
      );
    }
  });
}

type Filters = Pick<z.output<typeof devicesQuery>, 'enterprise' | 'gateway' | 'origin'>;

function matches(device: Device, { enterprise, gateway, origin }: Filters): boolean {
  return (
    (enterprise === undefined || device.enterprise === enterprise) &&
    (gateway === undefined || device.gateway === gateway) &&
    (origin === undefined || device.origin === origin)
  );
}

/** Completes the body with park and domain of a known device. @throws ProblemError when the park is not in scope */
function inputOf(
  request: FastifyRequest,
  registry: DeviceDeps['registry'],
  id: string,
  body: z.output<typeof deviceInput>,
  inPark: string | undefined,
): DeviceInput {
  const asked = body.park ?? inPark;
  if (asked !== (inPark ?? asked)) throw invalidField('query.park', 'as in the body, or left out');
  if (asked !== undefined && inPark === undefined) requireBodyPark(request, registry, asked);
  const [known, ...others] = devicesMeant(request, registry, id, asked);
  if (known && others.length > 0) throw ambiguous(id, 'params.device', [known, ...others]);
  const { domain = known?.domain, ...changes } = body;
  const park = asked ?? known?.park;
  if (park === undefined || domain === undefined) {
    const missing = [...(park === undefined ? ['body.park'] : []), ...(domain === undefined ? ['body.domain'] : [])];
    throw invalidFields(missing.map((field) => ({ field, expected: `needed, as device ${id} is new` })));
  }
  if (changes.enterprise != null) requireBodyEnterprise(request, registry, changes.enterprise);
  return { ...given(changes), id, park, domain };
}

function toWire({ retiredAt = null, ...device }: Device, time: (instant: number) => string) {
  const retired = retiredAt === null ? {} : { retiredAt: time(retiredAt) };
  const { createdAt, maxRates = null } = device;
  return { ...device, maxRates, createdAt: time(createdAt), ...retired };
}
