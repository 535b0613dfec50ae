import { z } from 'zod';
import { READERS } from '../../http/auth/access.js';
import { parksInScope, requirePark } from '../../http/auth/scope.js';
import { requireProfiles } from '../../http/find/limit-profiles.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId, newId, parkParams } from '../../http/request-texts.js';
import { ok, route, routes } from '../../http/route.js';
import { DEVICE_MOVES, type Park, type ParkSettings, SQUARE_METRES_PER_MU } from '../../model/parks.js';
import type { ParkProfiles } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';
import { decisionRoutes } from './decisions.js';

const parksQuery = z.strictObject({
  district: anyId.optional().describe('only parks of this district'),
  ...pagingQuery(),
});

const parkSettings = z.strictObject({
  deviceMoves: z
    .enum(DEVICE_MOVES)
    .describe(
      'when readings of a device come through another gateway of the park than its own: `by_hand` refuses them until ' +
        'somebody moves the device, `when_offline` moves it while its gateway is not connected, `always` at once',
    ),
});

const count = z.number().int();

const parkAnswer = z.strictObject({
  no: count.describe('number in annex 1 of the guideline'),
  id: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  district: z.strictObject({ id: z.string(), nameZh: z.string(), nameEn: z.string() }),
  locationZh: z.string(),
  areaMu: z.number().describe('area in mu'),
  areaM2: z.number().describe('area in square metres'),
  landUse: z.array(z.enum(['M0', 'M1', 'M2'])).describe('classes of GB 50137'),
  currentIndustryZh: z.string(),
  leadingIndustryZh: z.string(),
  renewalZh: z.string(),
  gateways: z.strictObject({ total: count, online: count }),
  devices: z.strictObject({ total: count, energy: count, wastewater: count, fire: count, traffic: count }),
});

const profile = newId.nullable().describe('limits of devices without a profile of their own; null: the general ones');

const parkProfilesAnswer = z.strictObject({
  energy: profile,
  wastewater: profile,
  fire: profile,
  traffic: profile,
});

const parkList = pageOf(parkAnswer, 'in the order of annex 1');

type ParkDeps = Pick<ApiDeps, 'registry'> & Partial<Pick<ApiDeps, 'alarmRules'>>;

/** `GET /parks`, `GET /parks/{park}`, `GET PUT /parks/{park}/settings`, `GET PUT /parks/{park}/limit-profiles`. */
export function parkRoutes({ registry, alarmRules }: ParkDeps) {
  return routes((app, plain) => {
    app.get(
      '/parks',
      route(READERS, 'registry', 'The parks in scope', { querystring: parksQuery, ...ok(parkList, 'A page of parks') }),
      async (request) => {
        const { district, ...paging } = request.query;
        if (district !== undefined && !registry.districts().some((one) => one.id === district)) {
          throw problem(404, 'unknown_district', `there is no district ${district}`);
        }
        const parks = parksInScope(request, registry).filter((park) => !district || park.district === district);
        const page = pageAfter(parks, (park) => String(park.no).padStart(6, '0'), paging);
        return { ...page, items: page.items.map((park) => toWire(park, registry)) };
      },
    );
    app.get(
      '/parks/:park',
      route(READERS, 'registry', 'One park', { params: parkParams, ...ok(parkAnswer, 'The park') }),
      async (request) => toWire(requirePark(request, registry, request.params.park), registry),
    );
    decisionRoutes<ParkSettings>(plain, registry, {
      path: 'settings',
      answer: parkSettings,
      reads: { summary: 'What is decided for a park', description: 'The settings' },
      changes: { summary: 'Decides for a park; what is left out stays as it is' },
      read: registry.parkSettings,
      change: registry.putParkSettings,
    });
    decisionRoutes<ParkProfiles>(plain, registry, {
      path: 'limit-profiles',
      answer: parkProfilesAnswer,
      reads: { summary: 'The limits of devices that have none of their own', description: 'The limits by domain' },
      changes: {
        summary: 'Changes the limits of devices that have none of their own, from their next reading on',
        description: 'A domain that is left out stays as it is; null: the general limits.',
      },
      read: registry.parkProfiles,
      change(park, given, who) {
        const asked = Object.entries(given).flatMap(([domain, profile]) =>
          profile == null ? [] : [{ domain, profile, field: `body.${domain}` }],
        );
        if (alarmRules) requireProfiles(alarmRules, asked);
        return registry.putParkProfiles(park, given, who);
      },
    });
  });
}

function toWire(park: Park, registry: ParkDeps['registry']) {
  const district = registry.districts().find((one) => one.id === park.district)!;
  const gateways = registry.gateways(park.id);
  const devices = { total: 0, energy: 0, wastewater: 0, fire: 0, traffic: 0 };
  for (const device of registry.devices({ park: park.id })) {
    devices.total += 1;
    devices[device.domain] += 1;
  }
  return {
    ...park,
    landUse: [...park.landUse],
    district,
    areaM2: Math.round(park.areaMu * SQUARE_METRES_PER_MU),
    gateways: { total: gateways.length, online: gateways.filter((gateway) => gateway.online).length },
    devices,
  };
}
