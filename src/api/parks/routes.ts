import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { type Park, SQUARE_METRES_PER_MU } from '../../domain/parks.js';
import { ADMINS, principalOf, READERS } from '../auth/access.js';
import { parksInScope, requirePark } from '../auth/scope.js';
import type { ApiDeps } from '../deps.js';
import { requireProfiles } from '../limit-profiles.js';
import { pageAfter } from '../paging.js';
import { problem } from '../problem.js';
import {
  parkAnswer,
  parkList,
  parkParams,
  parkProfilesAnswer,
  parkProfilesInput,
  parkSettings,
  parksQuery,
} from './schemas.js';

export type ParkDeps = Pick<ApiDeps, 'registry'> & Partial<Pick<ApiDeps, 'alarmRules'>>;

/** `GET /parks`, `GET /parks/{park}`, `GET PUT /parks/{park}/settings`, `GET PUT /parks/{park}/limit-profiles`. */
export function parkRoutes({ registry, alarmRules }: ParkDeps): FastifyPluginAsync {
  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/parks',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'The parks in scope',
          querystring: parksQuery,
          response: { 200: parkList.describe('A page of parks') },
        },
      },
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
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'One park',
          params: parkParams,
          response: { 200: parkAnswer.describe('The park') },
        },
      },
      async (request) => toWire(requirePark(request, registry, request.params.park), registry),
    );
    app.get(
      '/parks/:park/settings',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'What is decided for a park',
          params: parkParams,
          response: { 200: parkSettings.describe('The settings') },
        },
      },
      async (request) => registry.parkSettings(requirePark(request, registry, request.params.park).id),
    );
    app.put(
      '/parks/:park/settings',
      {
        config: { access: ADMINS },
        schema: {
          tags: ['registry'],
          summary: 'Decides for a park; what is left out stays as it is',
          params: parkParams,
          body: parkSettings.partial(),
          response: { 200: parkSettings.describe('The settings as they are now') },
        },
      },
      async (request) => {
        const park = requirePark(request, registry, request.params.park);
        const given = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
        return registry.putParkSettings(park.id, given, principalOf(request).id);
      },
    );
    app.get(
      '/parks/:park/limit-profiles',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'The limits of devices that have none of their own',
          params: parkParams,
          response: { 200: parkProfilesAnswer.describe('By domain') },
        },
      },
      async (request) => registry.parkProfiles(requirePark(request, registry, request.params.park).id),
    );
    app.put(
      '/parks/:park/limit-profiles',
      {
        config: { access: ADMINS },
        schema: {
          tags: ['registry'],
          summary: 'Changes the limits of devices that have none of their own, from their next reading on',
          description: 'A domain that is left out stays as it is; null: the general limits.',
          params: parkParams,
          body: parkProfilesInput,
          response: { 200: parkProfilesAnswer.describe('As they are now') },
        },
      },
      async (request) => {
        const park = requirePark(request, registry, request.params.park);
        const changes = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
        const asked = Object.entries(request.body).flatMap(([domain, profile]) =>
          profile == null ? [] : [{ domain, profile, field: `body.${domain}` }],
        );
        if (alarmRules) requireProfiles(alarmRules, asked);
        return registry.putParkProfiles(park.id, changes, principalOf(request).id);
      },
    );
  };
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
