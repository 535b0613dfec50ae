import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { parkScope } from '../../http/auth/scope.js';
import { ok, route, routes, tableRoute } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { MARK_LABELS, type Mark } from '../../intensity/model/conversion/coefficient.js';
import { parseSubject } from '../../intensity/model/statistics/subject.js';
import type { Setting, Settings, SettingsList, SettingsTold } from '../../intensity/statistics/port.js';
import type { ApiDeps } from '../deps.js';
import { requireAsOf, sourceAndReason } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import {
  coefficientList,
  coefficientsBody,
  factorList,
  factorsBody,
  greenBody,
  greenList,
  measuredBody,
  measuredList,
  policyAnswer,
  policyBody,
  settingsQuery,
} from './setting-schemas.js';

const WHOLE =
  'The list is the whole of what the site has of its own: what is left out of it is withdrawn. It counts for its months, the ' +
  'defaults for the others.';

/** `GET PUT` of the settings of conversion and policy; changes are for administrators. */
export function intensitySettingRoutes({
  intensitySettings,
  registry,
  timeZone,
  clock,
}: Pick<ApiDeps, 'intensitySettings' | 'registry' | 'timeZone' | 'clock'>): FastifyPluginAsync {
  const { coefficients, co2Factors, measuredHeat, greenPower, policy } = intensitySettings;
  const time = timeWriter(timeZone);

  const made = ({ recorded }: Setting<unknown>) => ({
    origin: recorded === null ? ('default' as const) : ('recorded' as const),
    recorded: recorded && recordedToWire(recorded, time),
  });
  const plain = <T>(one: Setting<T>) => ({ ...one.value, ...made(one) });
  const marked = <T extends { readonly mark: Mark }>(one: Setting<T>) => {
    const { zh, en } = MARK_LABELS[one.value.mark];
    return { ...plain(one), markZh: zh, markEn: en };
  };
  const listed = <T, W>({ version, items }: Settings<T>, write: (one: Setting<T>) => W) => ({
    version,
    items: items.map(write),
  });
  /** Heat values and certificates belong to a park or enterprise. */
  const owned = <T extends { readonly owner: string }>(request: FastifyRequest, { version, items }: Settings<T>) => {
    const sees = parkScope(principalOf(request), registry);
    return { version, items: items.filter(({ value }) => sees(parseSubject(value.owner)?.park ?? '')) };
  };
  const policyToWire = ({ version, items }: ReturnType<typeof policy.list>) => {
    const [one] = items;
    if (one === undefined) throw new RangeError('there is always a policy');
    return { version, policy: one.value, ...made(one) };
  };
  const asked = <T>(list: SettingsList<T>, asOf: Parameters<typeof requireAsOf>[0]) =>
    list.list(requireAsOf(asOf, list.list().version, clock()));

  return routes((app) => {
    app.get(
      '/statistics/coefficients',
      route(READERS, 'statistics', 'Coefficients of standard coal (GB/T 2589), each with its mark', {
        querystring: settingsQuery,
        ...ok(coefficientList, 'What counts, by carrier, basis and month'),
      }),
      async ({ query }) => listed(asked(coefficients, query.asOf), marked),
    );
    app.put(
      '/statistics/coefficients',
      tableRoute(ADMINS, 'statistics', 'Records the coefficients of the site', {
        description: WHOLE,
        body: coefficientsBody,
        ...ok(coefficientList, 'What counts now'),
      }),
      async (request) => {
        const { coefficients: own, ...told } = request.body;
        return listed(coefficients.put(own, principalOf(request), toldOf(told)), marked);
      },
    );
    app.get(
      '/statistics/co2-factors',
      route(READERS, 'statistics', 'Factors of CO2 by carrier, region and time, each with its mark', {
        querystring: settingsQuery,
        ...ok(factorList, 'What counts, by carrier, region and month'),
      }),
      async ({ query }) => listed(asked(co2Factors, query.asOf), marked),
    );
    app.put(
      '/statistics/co2-factors',
      tableRoute(ADMINS, 'statistics', 'Records the factors of CO2 of the site', {
        description: WHOLE,
        body: factorsBody,
        ...ok(factorList, 'What counts now'),
      }),
      async (request) => {
        const { factors, ...told } = request.body;
        return listed(co2Factors.put(factors, principalOf(request), toldOf(told)), marked);
      },
    );
    app.get(
      '/statistics/measured-heat',
      route(
        READERS,
        'statistics',
        'Heat values that enterprises measured; the service uses them instead of the coefficients',
        {
          querystring: settingsQuery,
          ...ok(measuredList, 'Those of the parks in scope'),
        },
      ),
      async (request) => listed(owned(request, asked(measuredHeat, request.query.asOf)), plain),
    );
    app.put(
      '/statistics/measured-heat',
      tableRoute(ADMINS, 'statistics', 'Records the measured heat values', {
        description: WHOLE,
        body: measuredBody,
        ...ok(measuredList, 'What counts now'),
      }),
      async (request) => {
        const { measured, ...told } = request.body;
        return listed(measuredHeat.put(measured, principalOf(request), toldOf(told)), plain);
      },
    );
    app.get(
      '/statistics/green-power',
      route(READERS, 'statistics', 'Electricity from renewable sources, proven by certificates', {
        querystring: settingsQuery,
        ...ok(greenList, 'That of the parks in scope'),
      }),
      async (request) => listed(owned(request, asked(greenPower, request.query.asOf)), plain),
    );
    app.put(
      '/statistics/green-power',
      tableRoute(ADMINS, 'statistics', 'Records the certificates of green power', {
        description: WHOLE,
        body: greenBody,
        ...ok(greenList, 'What counts now'),
      }),
      async (request) => {
        const { greenPower: own, ...told } = request.body;
        return listed(greenPower.put(own, principalOf(request), toldOf(told)), plain);
      },
    );
    app.get(
      '/statistics/policy',
      route(READERS, 'statistics', 'The policy: base year, yearly decline, and when a figure may be judged', {
        querystring: settingsQuery,
        ...ok(policyAnswer, 'The policy'),
      }),
      async ({ query }) => policyToWire(asked(policy, query.asOf)),
    );
    app.put(
      '/statistics/policy',
      route(ADMINS, 'statistics', 'Sets the policy', { body: policyBody, ...ok(policyAnswer, 'The policy now') }),
      async (request) => {
        const { policy: own, ...told } = request.body;
        return policyToWire(policy.put([own], principalOf(request), toldOf(told)));
      },
    );
  });
}

const toldOf = (told: { source: string; reason?: string | undefined; version: number }): SettingsTold => ({
  ...sourceAndReason(told),
  version: told.version,
});
