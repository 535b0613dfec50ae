import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Role } from '../../../src/model/access.js';
import { startHttp } from '../api/docs-service.js';
import { ADMIN, NOW } from '../api/readings/service.js';

const MINE = {
  park: 'oh-diandu',
  district: 'ouhai',
  gateway: 'gw-mine',
  device: 'd-mine',
  enterprise: 'e-mine',
  logger: 'MN_OF_MINE',
};
const THEIRS = {
  park: 'lc-xiedu-1',
  district: 'lucheng',
  gateway: 'gw-theirs',
  device: 'd-theirs',
  enterprise: 'e-theirs',
  logger: 'MN_OF_THEIRS',
};
const NOBODYS = {
  park: 'p-nobodys',
  district: 'x-nobodys',
  gateway: 'gw-nobodys',
  device: 'd-nobodys',
  enterprise: 'e-nobodys',
  logger: 'MN_OF_NOBODY',
};

/** Names in a request: of the caller's park, of another park, or unknown. */
interface Names {
  readonly park: string;
  readonly district: string;
  readonly gateway: string;
  readonly device: string;
  readonly enterprise: string;
  readonly logger: string;
  readonly alarm: string;
  readonly rule: string;
  readonly message: number;
}
const names = (of: typeof MINE, message: number): Names => ({
  ...of,
  alarm: `smoke-alarm:${of.device}`,
  rule: `rule-${of.park}`,
  message,
});

interface Ask {
  /** Paths below `/api/v1`, with a body if any; each must answer as for an unknown name. */
  readonly asks: (name: Names) => readonly (readonly [path: string, body?: object])[];
}

/** Lists everything in scope; also called with filters that name something. */
const list = (path: string, filters: (name: Names) => readonly string[] = () => []): Ask => ({
  asks: (name) => filters(name).map((filter) => [`${path}?${filter}`] as const),
});
const one = (path: (name: Names) => string, body?: (name: Names) => object): Ask => ({
  asks: (name) => [body === undefined ? [path(name)] : [path(name), body(name)]],
});
/** Names nothing that belongs to a park, or is for administrators, who see everything. */
const PARKLESS: Ask = { asks: () => [] };

const comment = () => ({ comment: 'seen' });
const RANGE = `from=${NOW - 3_600_000}&to=${NOW}`;
const position = (name: Names) => [`position=park:${name.park}`, `position=district:${name.district}`];
const place = (name: Names) => [`park=${name.park}`, `district=${name.district}`];

const METER_PART = { device: MINE.device, register: 'import_energy_kwh' };
const METER = { ...METER_PART, carrier: 'electricity', role: 'main', from: '2026-01-01T00:00:00Z' };
const ofMeter = ({ park, device }: Names) => [`park=${park}`, `device=${device}`];
/** A meter of a park that is named, and a device that is named in the own park. */
const metersOf = ({ park, device }: Names) =>
  [
    { park, device },
    { park, device: MINE.device },
    { park: MINE.park, device },
  ].map((which) => ({ ...which, register: 'import_energy_kwh', reason: 'x' }));
const scopes = (name: Names) => [`scope=park:${name.park}`, `scope=district:${name.district}`];
const subjects = ({ park, enterprise }: Names) => [
  `park:${park}`,
  `enterprise:${park}/${enterprise}`,
  `enterprise:${MINE.park}/${enterprise}`,
];
const setsNaming = (name: Names) => [
  { scope: `park:${name.park}`, year: 2024, members: [`enterprise:${MINE.park}/${MINE.enterprise}`] },
  { scope: `district:${name.district}`, year: 2024, members: [`enterprise:${name.park}/${name.enterprise}`] },
  { scope: `park:${MINE.park}`, year: 2024, members: [`enterprise:${name.park}/${name.enterprise}`] },
];
const ENTRY = { period: '2024', status: 'final', figure: { kind: 'level', price: 'current', amount: 7 } };
const BILL = {
  ...{ carrier: 'electricity', from: '2024-01-01', through: '2024-01-31', amount: 7, unit: 'kWh' },
};

/** Ledgers of emissions: what they hold, with a body that would be taken of an own outlet. */
const outletOf = ({ park }: Names) => `${park}/ww-1`;
const OUTLET = { enterprise: null, nameZh: '排口', nameEn: 'outlet', point: 'main' };
const EMISSIONS: Readonly<Record<string, (name: Names) => object>> = {
  outlets: (name) => ({ ...OUTLET, key: outletOf(name), park: name.park, device: `${name.park}/${name.device}` }),
  profiles: (name) => ({
    ...{ outlet: outletOf(name), from: '2026-01-01', regime: 'sewer', comparison: 'full_value' },
    ...{ loggerMethod: 'mass_summed', everyMinutes: { ph: 10 } },
  }),
  permits: (name) => ({
    ...{ outlet: outletOf(name), number: 'x', from: '2026-01-01', to: null, limits: {}, bases: ['day'], capsKg: {} },
  }),
  marks: (name) => ({ outlet: outletOf(name), metric: null, from: `${NOW - 1}`, to: `${NOW}`, verdict: 'invalid' }),
  samples: (name) => ({ outlet: outletOf(name), metric: 'ph', ts: `${NOW}`, value: 7, laboratory: 'x' }),
  calibrations: (name) => ({ outlet: outletOf(name), metric: 'ph', ts: `${NOW}` }),
};
const emissionOperations = Object.entries(EMISSIONS).flatMap(([ledger, entry]): (readonly [string, Ask])[] => {
  const path = `/emissions/${ledger}`;
  const told = { source: 'x', reason: 'x' };
  return [
    [`GET /api/v1${path}`, list(path, (name) => [`outlet=${outletOf(name)}`])],
    [
      `PUT /api/v1${path}`,
      one(
        () => path,
        (name) => ({ entries: [entry(name)], ...told }),
      ),
    ],
    [`DELETE /api/v1${path}`, one((name) => `${path}?key=${outletOf(name)}@2026-01-01&source=x&reason=x`)],
  ];
});

/** Every operation. One that is missing here fails the first test. */
const OPERATIONS: Readonly<Record<string, Ask>> = {
  'GET /health/live': PARKLESS,
  'GET /health/ready': PARKLESS,
  'GET /metrics': PARKLESS,
  'GET /openapi.json': PARKLESS,
  'GET /asyncapi.json': PARKLESS,
  'POST /api/v1/ws-tickets': PARKLESS,
  'GET /api/v1/catalogue': PARKLESS,
  'GET /api/v1/parks': list('/parks'),
  'GET /api/v1/parks/{park}': one(({ park }) => `/parks/${park}`),
  'GET /api/v1/parks/{park}/settings': one(({ park }) => `/parks/${park}/settings`),
  'PUT /api/v1/parks/{park}/settings': one(
    ({ park }) => `/parks/${park}/settings`,
    () => ({}),
  ),
  'GET /api/v1/parks/{park}/limit-profiles': one(({ park }) => `/parks/${park}/limit-profiles`),
  'PUT /api/v1/parks/{park}/limit-profiles': one(
    ({ park }) => `/parks/${park}/limit-profiles`,
    () => ({}),
  ),
  'GET /api/v1/gateways': list('/gateways', ({ park }) => [`park=${park}`]),
  'GET /api/v1/gateways/{id}': one(({ gateway }) => `/gateways/${gateway}`),
  'POST /api/v1/gateways': PARKLESS,
  'POST /api/v1/gateways/{id}/secret': PARKLESS,
  'POST /api/v1/gateways/{id}/move': PARKLESS,
  'DELETE /api/v1/gateways/{id}': PARKLESS,
  'GET /api/v1/loggers': list('/loggers', ({ park }) => [`park=${park}`]),
  'GET /api/v1/loggers/{mn}': one(({ logger }) => `/loggers/${logger}`),
  'PUT /api/v1/loggers/{mn}': PARKLESS,
  'DELETE /api/v1/loggers/{mn}': PARKLESS,
  'GET /api/v1/devices': list('/devices', ({ park }) => [`park=${park}`]),
  'GET /api/v1/devices/{device}': one(({ device }) => `/devices/${device}`),
  'PUT /api/v1/devices/{device}': {
    asks: (name) => [
      [`/devices/${name.device}`, { name: 'x' }],
      ['/devices/d-new', { park: name.park, domain: 'fire' }],
      ['/devices/d-mine', { enterprise: name.enterprise }],
      ['/devices/d-mine', { gateway: name.gateway }],
    ],
  },
  'POST /api/v1/devices/{device}/move': {
    asks: (name) => [
      [`/devices/${name.device}/move`, { park: MINE.park }],
      ['/devices/d-mine/move', { park: name.park }],
      ['/devices/d-mine/move', { park: MINE.park, enterprise: name.enterprise }],
      ['/devices/d-mine/move', { park: MINE.park, gateway: name.gateway }],
    ],
  },
  'DELETE /api/v1/devices/{device}': PARKLESS,
  'POST /api/v1/devices/{device}/retire': PARKLESS,
  'POST /api/v1/devices/{device}/restore': PARKLESS,
  'GET /api/v1/enterprises': list('/enterprises', ({ park }) => [`park=${park}`]),
  'GET /api/v1/enterprises/{id}': one(({ enterprise }) => `/enterprises/${enterprise}`),
  'PUT /api/v1/enterprises/{id}': one(
    () => '/enterprises/e-new',
    ({ park }) => ({ park, nameZh: '厂' }),
  ),
  'DELETE /api/v1/enterprises/{id}': one(({ enterprise }) => `/enterprises/${enterprise}`),
  'GET /api/v1/tokens': PARKLESS,
  'GET /api/v1/tokens/{id}': PARKLESS,
  'POST /api/v1/tokens': PARKLESS,
  'DELETE /api/v1/tokens/{id}': PARKLESS,
  'GET /api/v1/audit': PARKLESS,
  'GET /api/v1/readings': list('/readings', ({ device }) => [
    `device=${device}&metric=smoke_alarm&${RANGE}`,
    `device=${device}`,
    `device=${device}&metric=smoke_alarm&${RANGE}&versions=all`,
  ]),
  'GET /api/v1/consumption': {
    asks: ({ park, device, enterprise }) =>
      [`park=${park}`, `device=${device}`, `enterprise=${enterprise}`, `park=${park}&enterprise=${enterprise}`].map(
        (named) => [`/consumption?${named}&carrier=electricity&${RANGE}`] as const,
      ),
  },
  'GET /api/v1/latest': list('/latest', ({ park, device }) => [`park=${park}`, `device=${device}`]),
  'GET /api/v1/quarantine': list('/quarantine', ({ park }) => [`park=${park}`]),
  'GET /api/v1/quarantine/{id}': one(({ message }) => `/quarantine/${message}`),
  'POST /api/v1/quarantine/{id}/replay': one(({ message }) => `/quarantine/${message}/replay`),
  'GET /api/v1/alarms': list('/alarms', place),
  'GET /api/v1/alarms/{id}': one(({ alarm }) => `/alarms/${alarm}`),
  'GET /api/v1/alarms/{id}/events': one(({ alarm }) => `/alarms/${alarm}/events`),
  'GET /api/v1/alarms/{id}/explanation': one(({ alarm }) => `/alarms/${alarm}/explanation?${RANGE}`),
  'GET /api/v1/alarm-groups': list('/alarm-groups', place),
  'GET /api/v1/alarm-events': list('/alarm-events', (name) => [...place(name), `device=${name.device}`]),
  'POST /api/v1/alarms/{id}/acknowledge': one(({ alarm }) => `/alarms/${alarm}/acknowledge`, comment),
  'POST /api/v1/alarms/{id}/reset': one(({ alarm }) => `/alarms/${alarm}/reset`, comment),
  'POST /api/v1/alarms/{id}/shelve': one(
    ({ alarm }) => `/alarms/${alarm}/shelve`,
    () => ({ comment: 'x', forS: 60 }),
  ),
  'POST /api/v1/alarms/{id}/unshelve': one(({ alarm }) => `/alarms/${alarm}/unshelve`, comment),
  'POST /api/v1/alarms/{id}/out-of-service': one(({ alarm }) => `/alarms/${alarm}/out-of-service`, comment),
  'POST /api/v1/alarms/{id}/return-to-service': one(({ alarm }) => `/alarms/${alarm}/return-to-service`, comment),
  'POST /api/v1/alarms/acknowledge': one(
    () => '/alarms/acknowledge',
    ({ alarm }) => ({ ids: [alarm], comment: 'x' }),
  ),
  'POST /api/v1/alarms/reset': one(
    () => '/alarms/reset',
    ({ alarm }) => ({ ids: [alarm], comment: 'x' }),
  ),
  'GET /api/v1/alarm-kpis': list('/alarm-kpis', position),
  'GET /api/v1/alarm-nuisance': list('/alarm-nuisance', position),
  'GET /api/v1/alarm-rules': list('/alarm-rules?limit=1000'),
  'GET /api/v1/alarm-rules/{id}': one(({ rule }) => `/alarm-rules/${rule}`),
  'GET /api/v1/alarm-rules/{id}/versions': one(({ rule }) => `/alarm-rules/${rule}/versions`),
  'PUT /api/v1/alarm-rules/{id}': PARKLESS,
  'DELETE /api/v1/alarm-rules/{id}': PARKLESS,
  'POST /api/v1/alarm-rules/{id}/restore': PARKLESS,
  'POST /api/v1/alarm-rules/dry-run': {
    asks: (name) =>
      [
        { park: name.park },
        { devices: [name.device] },
        { park: MINE.park, rule: { ...RULE, id: name.rule } },
        { park: MINE.park, rule: { ...RULE, family: name.rule } },
        { park: MINE.park, rule: { ...RULE, family: name.rule, alarmClass: 'fire_facility' } },
        { park: MINE.park, rule: { ...RULE, parks: [name.park] } },
        { park: MINE.park, rule: { ...RULE, parks: [MINE.park], devices: [name.device] } },
        { park: MINE.park, rule: { ...RULE, suppressedBy: [{ rule: name.rule, scope: 'device' }] } },
      ].map((which) => ['/alarm-rules/dry-run', { rule: RULE, from: NOW - 3_600_000, to: NOW, ...which }]),
  },
  'GET /api/v1/meters': list('/meters', ({ park }) => [`park=${park}`]),
  'PUT /api/v1/meters/{park}': {
    asks: (name) => [
      [`/meters/${name.park}`, { reason: 'x', versions: [METER] }],
      [`/meters/${MINE.park}`, { reason: 'x', versions: [{ ...METER, device: name.device }] }],
      [
        `/meters/${MINE.park}`,
        { reason: 'x', versions: [{ ...METER, parent: { ...METER_PART, device: name.device } }] },
      ],
      [`/meters/${MINE.park}`, { reason: 'x', versions: [{ ...METER, owner: { kind: 'park', id: name.park } }] }],
      [
        `/meters/${MINE.park}`,
        { reason: 'x', versions: [{ ...METER, owner: { kind: 'enterprise', id: name.enterprise } }] },
      ],
    ],
  },
  'DELETE /api/v1/meters/{park}/{device}': {
    asks: (name) =>
      [`${name.park}/${name.device}`, `${name.park}/${MINE.device}`, `${MINE.park}/${name.device}`].map(
        (which) => [`/meters/${which}?register=import_energy_kwh&at=2026-01-01T00:00:00Z&reason=x`] as const,
      ),
  },
  'GET /api/v1/meters/swaps': list('/meters/swaps', ofMeter),
  'POST /api/v1/meters/swaps': {
    asks: (name) =>
      metersOf(name).map((meter) => ['/meters/swaps', { ...meter, ts: `${NOW}`, closing: 1, opening: 0 }]),
  },
  'DELETE /api/v1/meters/swaps/{park}/{version}': one(({ park }) => `/meters/swaps/${park}/1?reason=x`),
  'GET /api/v1/meters/voids': list('/meters/voids', ofMeter),
  'POST /api/v1/meters/voids': {
    asks: (name) => metersOf(name).map((meter) => ['/meters/voids', { ...meter, ts: `${NOW}` }]),
  },
  'DELETE /api/v1/meters/voids/{park}/{version}': one(({ park }) => `/meters/voids/${park}/1?reason=x`),
  'GET /api/v1/meters/gap-rules': list('/meters/gap-rules', ofMeter),
  'PUT /api/v1/meters/gap-rules': {
    asks: (name) => metersOf(name).map((meter) => ['/meters/gap-rules', { ...meter, rules: [] }]),
  },
  'GET /api/v1/meters/loss-limits': list('/meters/loss-limits', ({ park }) => [`park=${park}`]),
  'PUT /api/v1/meters/loss-limits': {
    asks: ({ park }) => [['/meters/loss-limits', { park, limits: null, reason: 'x' }]],
  },
  // What a file names of others is in upload.test.ts.
  'POST /api/v1/statistics/upload': PARKLESS,
  'POST /api/v1/statistics/bills/upload': PARKLESS,
  'GET /api/v1/statistics/bills/template.xlsx': list('/statistics/bills/template.xlsx', ({ park }) => [`park=${park}`]),
  'GET /api/v1/statistics/bills/template.csv': list('/statistics/bills/template.csv', ({ park }) => [`park=${park}`]),
  'POST /api/v1/statistics/counted-sets/upload': PARKLESS,
  'GET /api/v1/statistics/counted-sets/template.xlsx': list('/statistics/counted-sets/template.xlsx', ({ park }) => [
    `park=${park}`,
  ]),
  'GET /api/v1/statistics/counted-sets/template.csv': list('/statistics/counted-sets/template.csv', ({ park }) => [
    `park=${park}`,
  ]),
  'GET /api/v1/statistics/template.xlsx': list('/statistics/template.xlsx', ({ park }) => [`park=${park}`]),
  'GET /api/v1/statistics/template.csv': list('/statistics/template.csv', ({ park }) => [`park=${park}`]),
  'GET /api/v1/alarm-channels': PARKLESS,
  'GET /api/v1/alarm-channels/{id}': PARKLESS,
  'PUT /api/v1/alarm-channels/{id}': PARKLESS,
  'DELETE /api/v1/alarm-channels/{id}': PARKLESS,
  'POST /api/v1/alarm-channels/{id}/test': PARKLESS,
  'GET /api/v1/alarm-deliveries': PARKLESS,
  'POST /api/v1/alarm-deliveries/{id}/retry': PARKLESS,
  'GET /api/v1/intensity': list('/intensity', (name) => [
    `scope=park:${name.park}`,
    `scope=district:${name.district}`,
    `scope=enterprise:${name.park}/${name.enterprise}`,
    `scope=enterprise:${MINE.park}/${name.enterprise}`,
    `scope=park:${name.park}&asOf=version:1`,
  ]),
  'GET /api/v1/intensity/report': list('/intensity/report', (name) => [
    `scope=park:${name.park}`,
    `scope=district:${name.district}`,
    `scope=enterprise:${name.park}/${name.enterprise}`,
    `scope=enterprise:${MINE.park}/${name.enterprise}`,
    `scope=park:${name.park}&asOf=version:1`,
  ]),
  'GET /api/v1/intensity/ranking': list('/intensity/ranking'),
  'GET /api/v1/intensity/scorecard': list('/intensity/scorecard', (name) => [
    `scope=park:${name.park}`,
    `scope=district:${name.district}`,
  ]),
  'GET /api/v1/alarm-escalation': PARKLESS,
  'GET /api/v1/alarm-escalation/versions': PARKLESS,
  'PUT /api/v1/alarm-escalation': PARKLESS,
  'GET /api/v1/statistics': list('/statistics', scopes),
  'PUT /api/v1/statistics': {
    asks: (name) => [
      ...subjects(name).map((subject) => ['/statistics', { source: 'x', entries: [{ ...ENTRY, subject }] }] as const),
      ...subjects(name).map(
        (subject) => ['/statistics?dryRun=true', { source: 'x', entries: [{ ...ENTRY, subject }] }] as const,
      ),
      ...setsNaming(name).map((set) => ['/statistics', { source: 'x', sets: [set] }] as const),
    ],
  },
  'DELETE /api/v1/statistics': {
    asks: (name) =>
      subjects(name).map((subject) => [`/statistics?subject=${subject}&period=2024&kind=current&source=x&reason=x`]),
  },
  'GET /api/v1/statistics/history': list('/statistics/history', (name) =>
    subjects(name).map((subject) => `subject=${subject}&period=2024`),
  ),
  'GET /api/v1/statistics/added-value': list('/statistics/added-value', (name) =>
    subjects(name).map((subject) => `subject=${subject}&year=2024`),
  ),
  'GET /api/v1/statistics/counted-sets': list('/statistics/counted-sets', scopes),
  'PUT /api/v1/statistics/counted-sets': {
    asks: (name) => setsNaming(name).map((set) => ['/statistics/counted-sets', { source: 'x', sets: [set] }]),
  },
  'DELETE /api/v1/statistics/counted-sets': {
    asks: (name) => scopes(name).map((scope) => [`/statistics/counted-sets?${scope}&year=2024&source=x&reason=x`]),
  },
  'GET /api/v1/statistics/bills': list('/statistics/bills', (name) => [
    ...scopes(name),
    ...subjects(name).map((subject) => `owner=${subject}`),
  ]),
  'PUT /api/v1/statistics/bills': {
    asks: (name) => subjects(name).map((owner) => ['/statistics/bills', { source: 'x', bills: [{ ...BILL, owner }] }]),
  },
  'DELETE /api/v1/statistics/bills': {
    asks: (name) =>
      subjects(name).map((owner) => [
        `/statistics/bills?owner=${owner}&carrier=electricity&from=2024-01-01&source=x&reason=x`,
      ]),
  },
  'GET /api/v1/statistics/coefficients': PARKLESS,
  'PUT /api/v1/statistics/coefficients': PARKLESS,
  'GET /api/v1/statistics/co2-factors': PARKLESS,
  'PUT /api/v1/statistics/co2-factors': PARKLESS,
  'GET /api/v1/statistics/measured-heat': PARKLESS,
  'PUT /api/v1/statistics/measured-heat': PARKLESS,
  'GET /api/v1/statistics/green-power': PARKLESS,
  'PUT /api/v1/statistics/green-power': PARKLESS,
  'GET /api/v1/statistics/policy': PARKLESS,
  'PUT /api/v1/statistics/policy': PARKLESS,
  ...Object.fromEntries(emissionOperations),
  'GET /api/v1/emissions/overrides': PARKLESS,
  'PUT /api/v1/emissions/overrides': PARKLESS,
  'DELETE /api/v1/emissions/overrides': PARKLESS,
};

// biome-ignore lint/suspicious/noExplicitAny: a rule as it is read and sent back
let RULE: any;
let http: Awaited<ReturnType<typeof startHttp>>;
let own: Names;
let theirs: Names;
let nobodys: Names;
/** Tokens by their scope and role. */
const limited: { readonly name: string; readonly role: Role; readonly secret: string }[] = [];
const useless: [name: string, secret: string | null][] = [
  ['no token', null],
  ['a made-up token', 'made-up'],
];

async function send(operation: string, path: string, secret: string | null, body?: object) {
  const [method = 'GET'] = operation.split(' ');
  const answer = await http.app.inject({
    method: method as 'GET',
    url: path,
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, text: answer.body };
}

const operationsOf = () =>
  http.routes
    .flatMap((route) => [route.method].flat().map((method) => ({ method, route })))
    .filter(({ method, route }) => method !== 'HEAD' && !route.url.startsWith('/docs'))
    .map(({ method, route }) => ({
      operation: `${method} ${route.url.replace(/:([a-z]+)/gi, '{$1}')}`,
      access: route.config?.access,
    }));

/** A gateway's message for its device. */
const read = (of: typeof MINE, payload: object | string) =>
  http.ingest.accept({
    gateway: of.gateway,
    park: of.park,
    topic: `parks/${of.park}/fire/${of.device}/readings`,
    payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  });

beforeEach(async () => {
  limited.length = 0;
  http = await startHttp();
  const { registry, journal, alarms } = http;
  for (const of of [MINE, THEIRS]) {
    await registry.createGateway({ id: of.gateway, park: of.park, name: of.gateway }, 'test');
    const spoken = { edition: '2017', strict: false, zone: 'Asia/Shanghai', channels: {} } as const;
    http.loggers.put({ mn: of.logger, park: of.park, device: of.device, ...spoken }, 'test');
    registry.putEnterprise({ id: of.enterprise, park: of.park, nameZh: of.enterprise, nameEn: of.enterprise }, 'test');
    const subject = `enterprise:${of.park}/${of.enterprise}`;
    const figure = { kind: 'level', price: 'current', amount: 5 } as const;
    const upload = {
      entries: [subject, `park:${of.park}`].map((one) => ({
        subject: one,
        period: '2024',
        status: 'final' as const,
        figure,
      })),
      sets: ['city', `district:${of.district}`, `park:${of.park}`].map((scope) => ({
        scope,
        year: 2024,
        members: [subject],
      })),
    };
    const admin = { id: 'test', name: 'test', role: 'admin', parks: [], districts: [] } as const;
    http.statistics.put(upload, admin, { source: `a file of ${of.enterprise}` });
    http.bills.put([{ ...BILL, carrier: 'electricity', account: '', owner: subject }], admin, { source: of.park });
    const { greenPower, measuredHeat } = http.intensitySettings;
    const [certificates, heat] = [greenPower.list(), measuredHeat.list()];
    const told = { source: of.park, version: certificates.version };
    const month = { owner: subject, month: '2024-01', kWh: 1, source: 'x' };
    greenPower.put([...certificates.items.map(({ value }) => value), month], admin, told);
    const gas = {
      carrier: 'gas',
      owner: subject,
      kjPerUnit: 1,
      unit: 'm³',
      from: '2024-01',
      to: null,
      source: 'x',
    } as const;
    measuredHeat.put([...heat.items.map(({ value }) => value), gas], admin, told);
    await read(of, { ts: NOW, values: { smoke_alarm: true } });
    await read(of, 'not json');
    const shipped = http.alarmRules.get('smoke-alarm')!.rule;
    const rule = {
      ...shipped,
      id: `rule-${of.park}`,
      family: `rule-${of.park}`,
      parks: [of.park],
      devices: [of.device],
    };
    http.alarmRules.put(rule, { by: 'test', comment: null });
    http.alarmRules.put({ ...rule, onDelayS: 1 }, { by: 'test', comment: null });
  }
  await http.historian.caughtUp(journal.head());
  expect(alarms.get(`smoke-alarm:${THEIRS.device}`)).toBeDefined();
  const messages = http.quarantine.list({ limit: 10 });
  const messageOf = ({ park }: typeof MINE) => messages.find((one) => one.park === park)!.id;
  [own, theirs, nobodys] = [names(MINE, messageOf(MINE)), names(THEIRS, messageOf(THEIRS)), names(NOBODYS, 987_654)];
  const {
    by: _by,
    at: _at,
    origin: _origin,
    ...answer
  } = JSON.parse((await send('GET', `/api/v1/alarm-rules/${own.rule}`, ADMIN)).text);
  RULE = { ...answer, id: 'new-rule', parks: [], devices: [], family: 'new-rule' };

  const token = (role: Role, scope: { parks?: string[]; districts?: string[] }, expiresAt: number | null = null) =>
    registry.createToken({ name: 'x', role, parks: [], districts: [], expiresAt, ...scope }, 'test').secret;
  for (const role of ['operator', 'inspector', 'viewer'] as const) {
    limited.push({ name: `${role} of a park`, role, secret: token(role, { parks: [MINE.park] }) });
    limited.push({ name: `${role} of a district`, role, secret: token(role, { districts: [MINE.district] }) });
  }
  const revoked = token('viewer', {});
  registry.revokeToken(idOf(revoked), 'test');
  const expired = token('admin', {}, NOW + 1);
  http.time.now = NOW + 1;
  useless.splice(2, 2, ['a revoked token', revoked], ['an expired token', expired]);
});

const idOf = (secret: string) => secret.slice(3, 19);
/** Every text that would reveal the other park. */
const TRACES = [...Object.values(THEIRS), `rule-${THEIRS.park}`, '协都'].filter((text) => text !== THEIRS.district);

describe('every operation', () => {
  it('is in this matrix', () => {
    expect(
      operationsOf()
        .map(({ operation }) => operation)
        .sort(),
    ).toEqual(Object.keys(OPERATIONS).sort());
  });

  it('answers 401 to who has no token, a made-up, a revoked or an expired one, but for health', async () => {
    for (const { operation, access } of operationsOf()) {
      if (access === 'open') continue;
      const [, path = ''] = operation.split(' ');
      for (const [, secret] of useless) {
        // Beyond the bound of failures per address, 429 is as good.
        const { status, text } = await send(operation, path, secret);
        expect([401, 429], `${operation}: ${text}`).toContain(status);
        for (const trace of TRACES) expect(text).not.toContain(trace);
      }
    }
  });

  it('is refused to other roles whatever it names', async () => {
    for (const { operation, access } of operationsOf()) {
      if (!Array.isArray(access)) continue;
      for (const { role, secret } of limited.filter((one) => !access.includes(one.role))) {
        const asked = OPERATIONS[operation]!.asks(theirs)[0]?.[0];
        const path = asked === undefined ? operation.split(' ')[1]! : `/api/v1${asked}`;
        const { status, text } = await send(operation, path, secret);
        expect([operation, role, status, JSON.parse(text).code]).toEqual([operation, role, 403, 'role_not_allowed']);
      }
    }
  });

  it('answers what is another park’s as what never was, to every limited token', async () => {
    let compared = 0;
    const told: string[] = [];
    for (const { operation, access } of operationsOf()) {
      const { asks } = OPERATIONS[operation]!;
      const foreign = asks(theirs);
      const absent = asks(nobodys);
      for (const { name, role, secret } of limited) {
        if (!Array.isArray(access) || !access.includes(role)) continue;
        for (const [at, [path, body]] of foreign.entries()) {
          const seen = await send(operation, `/api/v1${path}`, secret, body);
          const never = await send(operation, `/api/v1${absent[at]![0]}`, secret, absent[at]![1]);
          const [one, other] = [
            `${seen.status} ${blank(seen.text, theirs)}`,
            `${never.status} ${blank(never.text, nobodys)}`,
          ];
          if (one !== other) told.push(`${operation} ${path} to ${name}: ${one} is not ${other}`);
          compared += 1;
        }
      }
    }
    expect(told).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });

  it('tells a limited token nothing of other parks when it names nothing, and its own', async () => {
    for (const { operation, access } of operationsOf()) {
      const [method, path = ''] = operation.split(' ');
      if (method !== 'GET' || path.includes('{')) continue;
      for (const { name, role, secret } of limited) {
        if (Array.isArray(access) && !access.includes(role)) continue;
        const { text } = await send(operation, path === '/api/v1/alarm-rules' ? `${path}?limit=1000` : path, secret);
        for (const trace of TRACES) expect(text, `${operation} to ${name}`).not.toContain(trace);
      }
    }
    const seen = async (path: string) => (await send('GET', path, limited[0]!.secret)).text;
    expect(await seen('/api/v1/alarm-rules?limit=1000')).toContain(own.rule);
    expect(await seen(`/api/v1/alarm-rules/${own.rule}/versions`)).toContain('"version":2');
    expect(await seen('/api/v1/alarms')).toContain(own.alarm);
    expect(await seen('/api/v1/quarantine')).toContain(MINE.gateway);
    expect((await send('GET', `/api/v1/quarantine/${own.message}`, limited[0]!.secret)).status).toBe(200);
  });
});

describe('an id that callers choose', () => {
  /** Operations that create an object with the id in the caller's park, and those that read, change and remove it. */
  const MADE: readonly (readonly [operation: string, path: (name: Names) => string, body?: object])[] = [
    ['PUT', ({ enterprise }) => `/enterprises/${enterprise}`, { park: MINE.park, nameZh: '厂' }],
    ['PUT', ({ enterprise }) => `/enterprises/${enterprise}`, { park: MINE.park, nameZh: '新厂' }],
    ['GET', ({ enterprise }) => `/enterprises/${enterprise}`],
    ['GET', ({ enterprise }) => `/enterprises/${enterprise}?park=${MINE.park}`],
    ['PUT', ({ device }) => `/devices/${device}`, { park: MINE.park, domain: 'fire', name: 'x' }],
    ['PUT', ({ device }) => `/devices/${device}`, { place: 'Hall 1' }],
    ['GET', ({ device }) => `/devices/${device}`],
    ['GET', ({ device }) => `/latest?device=${device}`],
    ...['acknowledge', 'reset', 'unshelve', 'return-to-service', 'out-of-service'].map(
      (verb) => ['POST', ({ alarm }: Names) => `/alarms/${alarm}/${verb}`, { comment: 'x' }] as const,
    ),
    ['POST', ({ alarm }) => `/alarms/${alarm}/shelve`, { comment: 'x', forS: 60 }],
    ['GET', ({ alarm }) => `/alarms/${alarm}`],
    ['GET', ({ alarm }) => `/alarms/${alarm}@${MINE.park}`],
    ['DELETE', ({ enterprise }) => `/enterprises/${enterprise}`],
    ['GET', ({ enterprise }) => `/enterprises/${enterprise}`],
  ];

  it('is free in one’s own park whoever has it elsewhere, and tells of nobody', async () => {
    const told: string[] = [];
    const statuses: number[] = [];
    const { secret } = limited.find(({ role }) => role === 'operator')!;
    for (const [operation, path, body] of MADE) {
      const [taken, free] = await Promise.all(
        [theirs, nobodys].map(async (name) => {
          const { status, text } = await send(operation, `/api/v1${path(name)}`, secret, body);
          statuses.push(status);
          return `${status} ${blank(text, name)}`;
        }),
      );
      if (taken !== free) told.push(`${operation} ${path(theirs)}: ${taken} is not ${free}`);
    }
    for (const kind of ['acknowledge', 'reset']) {
      const [taken, free] = await Promise.all(
        [theirs, nobodys].map(async (name) => {
          const body = { ids: [name.alarm], comment: 'x' };
          return blank((await send('POST', `/api/v1/alarms/${kind}`, secret, body)).text, name);
        }),
      );
      if (taken !== free) told.push(`${kind}: ${taken} is not ${free}`);
    }
    expect(told).toEqual([]);
    expect(statuses.filter((status) => status === 201)).toHaveLength(4);
  });
});

describe('a device whose id another park had first', () => {
  const SHARED = 'd-shared';
  const MINE_AS_ALL_SEE_IT = `smoke-alarm:${SHARED}@${MINE.park}`;
  const at = `@${MINE.park}`;

  it('is called in no answer by another name than the first would be, whatever is asked', async () => {
    await read({ ...THEIRS, device: SHARED }, { ts: NOW, values: { smoke_alarm: true } });
    await read({ ...MINE, device: SHARED }, { ts: NOW, values: { smoke_alarm: true } });
    expect(http.alarms.get(MINE_AS_ALL_SEE_IT)).toMatchObject({ park: MINE.park });
    expect((await send('GET', '/api/v1/alarms', ADMIN)).text).toContain(MINE_AS_ALL_SEE_IT);
    /** The same for an id that no other park has, and for one that another park had first. */
    const twice = async (operation: string, path: (device: string) => string, secret: string, body?: object) => {
      const [alone, second] = [MINE.device, SHARED].map(async (device) => {
        const { status, text } = await send(operation, `/api/v1${path(device)}`, secret, body);
        return `${status} ${text.replaceAll(encodeURIComponent(device), '…').replaceAll(device, '…')}`;
      });
      return [blankOfTimes(await alone!), blankOfTimes(await second!)];
    };
    for (const { name, role, secret } of limited) {
      for (const { operation, access } of operationsOf()) {
        const [method, path = ''] = operation.split(' ');
        if (method !== 'GET' || path.includes('{') || (Array.isArray(access) && !access.includes(role))) continue;
        expect((await send(operation, path, secret)).text, `${operation} to ${name}`).not.toContain(at);
      }
      const csv = async (path: string) =>
        (await http.get(path, `Bearer ${secret}`).then((answer) => answer.text())).includes(at);
      expect([await csv('/api/v1/alarms?text=@'), await csv('/api/v1/alarm-events')]).toEqual([false, false]);
      for (const suffix of ['', at]) {
        for (const rest of ['', '/events', `/explanation?${RANGE}`]) {
          const [alone, second] = await twice(
            'GET',
            (device) => `/alarms/smoke-alarm:${device}${suffix}${rest}`,
            secret,
          );
          expect(second, `${suffix}${rest} to ${name}`).toBe(alone);
          expect(second).toMatch(/^200 /);
        }
      }
      const first = JSON.parse((await send('GET', '/api/v1/alarms?limit=1', secret)).text);
      expect(Buffer.from(first.nextCursor, 'base64url').toString()).toContain(`smoke-alarm:${SHARED}"`);
      const next = await send('GET', `/api/v1/alarms?limit=1&cursor=${first.nextCursor}`, secret);
      expect(JSON.parse(next.text).items).toMatchObject([{ id: own.alarm }]);
      const { text } = await send('GET', '/api/v1/alarms?text=@', secret);
      expect(JSON.parse(text).items).toEqual([]);
    }
    // An operation changes only the caller's park.
    const operator = limited.find(({ role }) => role === 'operator')!.secret;
    const done = await send('POST', '/api/v1/alarms/acknowledge', operator, { filter: {}, seq: 1_000 });
    expect(
      JSON.parse(done.text)
        .results.map(({ id }: { id: string }) => id)
        .sort(),
    ).toEqual([own.alarm, `smoke-alarm:${SHARED}`].sort());
    expect(http.alarms.get(MINE_AS_ALL_SEE_IT)).toMatchObject({ unacknowledged: false });
    expect(http.alarms.get(`smoke-alarm:${SHARED}`)).toMatchObject({ park: THEIRS.park, unacknowledged: true });
  });
});

/** Removes accidental differences between two alarms. */
const blankOfTimes = (text: string) => text.replace(/"seq":\d+/g, '"seq":…').replaceAll('.001+08:00', '+08:00');

describe('every message of a WebSocket', () => {
  /** A client with the messages that it received so far. */
  async function client(path: string, secret: string) {
    const socket = new WebSocket(`${http.url.replace('http', 'ws')}${path}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    await once(socket, 'open');
    return {
      frames,
      say: (message: object | string) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      /** Waits until the client has received that many messages. */
      async heard(messages: number): Promise<void> {
        while (frames.length < messages) await once(socket, 'message');
      },
      /** Waits until the client has received everything in flight. */
      async settled(): Promise<void> {
        socket.ping();
        await once(socket, 'pong');
      },
      terminate: () => socket.terminate(),
      async end(): Promise<string> {
        await this.settled();
        socket.terminate();
        return frames.join('\n');
      },
    };
  }

  /** Messages of clients and of the service; a missing one fails the next test. */
  const SAID = ['subscribeToAlarms', 'subscribeToReadings'];
  const TOLD = ['snapshot', 'alarm', 'gap', 'flood', 'error', 'subscribed', 'liveReadings'];

  it('is in this matrix', async () => {
    const { channels } = JSON.parse((await send('GET', '/asyncapi.json', ADMIN)).text);
    const of = (channel: string) => Object.keys(channels[channel].messages);
    expect([...new Set([...of('liveAlarms'), ...of('liveReadings')])].sort()).toEqual([...SAID, ...TOLD].sort());
  });

  it('answers what names another park as what names nobody’s, refusals and gaps too', async () => {
    const asks: [path: string, message: (name: Names) => object | string][] = [
      ['/ws/alarms', ({ park }) => ({ type: 'subscribe', parks: [park], domains: ['nope'] })],
      ['/ws/alarms', ({ park }) => ({ type: 'subscribe', parks: [park], since: -1 })],
      ['/ws/alarms', ({ park }) => ({ type: 'subscribe', parks: [park], since: 1_000_000 })],
      ['/ws/alarms', ({ park }) => ({ type: 'subscribe', parks: [park], minPriority: 'x' })],
      ['/ws/alarms', ({ device }) => ({ type: 'subscribe', devices: [device] })],
      ['/ws/alarms', ({ park }) => ({ type: park })],
      ['/ws/alarms', ({ park }) => `{"type":"subscribe","parks":["${park}"`],
      ['/ws/alarms', ({ park }) => ({ type: 'subscribe', parks: [`${park}!`] })],
      ['/ws/readings', ({ park }) => ({ type: 'subscribe', parks: [park], domains: ['nope'] })],
      ['/ws/readings', ({ device }) => ({ type: 'subscribe', devices: [device, 'No!'] })],
      ['/ws/readings', ({ enterprise }) => ({ type: 'subscribe', enterprise })],
      ['/ws/readings', ({ park }) => ({ type: 'subscribe', parks: [park] })],
    ];
    const heard = new Set<string>();
    for (const { name, secret } of limited) {
      for (const [path, message] of asks) {
        const [foreign, absent] = await Promise.all(
          [theirs, nobodys].map(async (names) => {
            const one = await client(path, secret);
            one.say(message(names));
            await one.heard(1);
            // A snapshot follows a gap.
            if (one.frames[0]!.includes('"gap"')) await one.heard(2);
            one.terminate();
            return blank(one.frames.join('\n'), names);
          }),
        );
        expect(foreign, `${path} ${JSON.stringify(message(theirs))} to ${name}`).toBe(absent);
        for (const [, type] of foreign!.matchAll(/"type":"(\w+)"/g)) heard.add(type!);
        if (foreign!.includes('"error"')) heard.add('invalid_subscribe');
      }
    }
    expect([...heard].sort()).toEqual(['error', 'gap', 'invalid_subscribe', 'snapshot', 'subscribed']);
  });

  it('tells a limited token of no flood in other parks', async () => {
    const clients = await Promise.all(limited.map(({ secret }) => client('/ws/alarms', secret)));
    const all = await client('/ws/alarms', ADMIN);
    for (const one of [...clients, all]) {
      one.say({ type: 'subscribe' });
      await one.heard(1);
    }
    for (let n = 0; n < 12; n += 1) {
      await read({ ...THEIRS, device: `d-theirs-${n}` }, { ts: http.time.now, values: { smoke_alarm: true } });
    }
    http.time.now += 1_000;
    http.alarmKpis.tick(http.time.now);
    await all.settled();
    expect(await all.end()).toContain(`"position":"park:${THEIRS.park}"`);
    for (const one of clients) {
      const told = await one.end();
      expect(told).not.toContain('flood');
      for (const trace of TRACES) expect(told).not.toContain(trace);
    }
  });

  it('calls an alarm as if no other park had a device of its id', async () => {
    for (const of of [THEIRS, MINE])
      await read({ ...of, device: 'd-shared' }, { ts: NOW, values: { smoke_alarm: true } });
    for (const { secret } of limited) {
      const one = await client('/ws/alarms', secret);
      for (const message of [{ type: 'subscribe' }, { type: 'subscribe', since: 0 }]) {
        const before = one.frames.length;
        one.say(message);
        await one.heard(before + 1);
        await one.settled();
      }
      const told = await one.end();
      expect(told).toContain('"smoke-alarm:d-shared"');
      expect(told).not.toContain('@');
    }
    const all = await client('/ws/alarms', ADMIN);
    all.say({ type: 'subscribe' });
    await all.heard(1);
    expect(await all.end()).toContain(`smoke-alarm:d-shared@${MINE.park}`);
  });

  it('opens to nobody without a token that is good', async () => {
    for (const path of ['/ws/alarms', '/ws/readings']) {
      for (const [name, secret] of useless) {
        const headers = secret === null ? {} : { authorization: `Bearer ${secret}` };
        const socket = new WebSocket(`${http.url.replace('http', 'ws')}${path}`, { headers });
        const [error] = (await once(socket, 'error')) as [Error];
        expect(error.message, `${path} to ${name}`).toMatch(/401|429/);
      }
    }
  });

  it('shows a limited token nothing of other parks, whatever it subscribes to', async () => {
    for (const { secret } of limited) {
      const alarms = async (message: object) => {
        const one = await client('/ws/alarms', secret);
        one.say(message);
        await one.heard(1);
        return one.end();
      };
      for (const park of [theirs.park, nobodys.park]) {
        const text = await alarms({ type: 'subscribe', parks: [park] });
        expect(text.replace(/"seq":\d+/, '')).toBe('{"type":"snapshot",,"alarms":[]}');
      }
      const all = await alarms({ type: 'subscribe', since: 0 });
      for (const trace of TRACES) expect(all).not.toContain(trace);
      expect(all).toContain(own.alarm);
    }
  });

  it('sends a limited token no reading of other parks, whatever it subscribes to', async () => {
    const clients = await Promise.all(limited.map(({ secret }) => client('/ws/readings', secret)));
    const asks = ({ park, device }: Names): object[] => [
      { parks: [park] },
      { devices: [device] },
      { parks: [own.park, park] },
      { devices: [own.device, device] },
      { parks: [own.park], devices: [device] },
      { parks: [park], devices: [own.device] },
    ];
    /** What each client receives from its subscription until both parks have sent. */
    const told = async (ask: object, name: Names) => {
      const from = clients.map(({ frames }) => frames.length);
      for (const one of clients) one.say({ type: 'subscribe', ...ask });
      await Promise.all(clients.map((one, at) => one.heard(from[at]! + 1)));
      await read(THEIRS, { ts: NOW, values: { smoke_alarm: false } });
      await read(MINE, { ts: NOW, values: { smoke_alarm: false } });
      await Promise.all(clients.map((one) => one.settled()));
      return clients.map(({ frames }, at) => blank(frames.slice(from[at]).join('\n'), name));
    };
    const got: boolean[] = [];
    for (const [at, ask] of asks(theirs).entries()) {
      const foreign = await told(ask, theirs);
      expect(foreign, JSON.stringify(ask)).toEqual(await told(asks(nobodys)[at]!, nobodys));
      got.push(foreign.every((text) => text.includes(`"device":"${MINE.device}"`)));
    }
    expect(got).toEqual([false, false, true, true, false, false]);
    await told({ domains: ['fire'] }, own);
    for (const one of clients) {
      const all = await one.end();
      for (const trace of TRACES) expect(all).not.toContain(trace);
    }
  });
});

/** An answer without the names in the request. */
function blank(text: string, name: Names): string {
  const { alarm, rule, park, district, gateway, device, enterprise, logger } = name;
  const words = [alarm, rule, park, district, gateway, device, enterprise, logger];
  return words
    .reduce((all, word) => all.replaceAll(word, '…'), text)
    .replaceAll(encodeURIComponent(name.alarm), '…')
    .replaceAll(`message ${name.message}`, '…')
    .replaceAll(`/quarantine/${name.message}`, '…');
}
