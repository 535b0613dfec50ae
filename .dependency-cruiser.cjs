/** Who may import whom: the rooms of the design, checked on every `npm run check`. */
const room = (name) => `^src/${name}/`;
const rooms = (...names) => `^src/(${names.join('|')})/`;

/** A room may import itself, and of other rooms only what is listed. */
const only = (name, allowed, comment) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: room(name), pathNot: '/plugin\\.ts$' },
  to: { path: '^src/', pathNot: [room(name), '^src/sqlite\\.ts$', ...allowed] },
});
const port = (...names) => names.map((name) => `^src/${name}/port\\.ts$`);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'model-is-pure',
      severity: 'error',
      from: { path: '^src/(model|alarms/model|historian/rollup/model)/' },
      to: { pathNot: '^src/(model|alarms/model|historian/rollup/model)/' },
    },
    only('state', [...port('journal')], 'state knows no domain logic'),
    only('journal', [room('state')], 'the journal stores bytes and knows no domain'),
    only(
      'registry',
      ['^src/(model|alarms/model|historian/rollup/model)/', room('state')],
      'registry: domain types and the state file',
    ),
    only(
      'ingest',
      ['^src/(model|alarms/model|historian/rollup/model)/', room('state'), ...port('journal', 'registry')],
      'ingest knows messages, not aedes',
    ),
    only(
      'broker',
      ['^src/(model|alarms/model|historian/rollup/model)/', ...port('registry', 'ingest')],
      'the broker signs in and hands on',
    ),
    only(
      'historian',
      // What devices belong to and how fast their counters rise the registry knows; its readers are for other threads.
      [
        '^src/(model|alarms/model|historian/rollup/model)/',
        ...port('journal'),
        '^src/journal/reader\\.ts$',
        '^src/registry/(device-tags|max-rates-reader)\\.ts$',
      ],
      'the historian tails the journal',
    ),
    only(
      'alarms',
      ['^src/(model|alarms/model|historian/rollup/model)/', room('state'), ...port('journal', 'historian', 'registry')],
      'alarms follow the journal',
    ),
    only('observe', ['^src/(model|alarms/model|historian/rollup/model)/'], 'observe is told what to show'),
    {
      name: 'api-and-ws-see-ports',
      severity: 'error',
      from: { path: rooms('api', 'ws') },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(api|ws)/',
          '^src/(model|alarms/model|historian/rollup/model)/',
          '^src/[^/]+/port\\.ts$',
          '^src/alarms/[^/]+/port\\.ts$',
          '^src/[^/]+/plugin\\.ts$',
        ],
      },
    },
    { name: 'api-not-ws', severity: 'error', from: { path: room('api') }, to: { path: room('ws') } },
    {
      name: 'ws-not-api',
      severity: 'error',
      from: { path: room('ws') },
      to: { path: room('api'), pathNot: '^src/http/auth/' },
    },
    {
      name: 'duckdb-in-lake-only',
      severity: 'error',
      from: { pathNot: '^src/historian/lake/' },
      to: { path: 'node_modules/@duckdb' },
    },
    {
      name: 'influx-in-adapter-only',
      severity: 'error',
      from: { pathNot: '^src/historian/influxdb/' },
      to: { path: 'node_modules/@influxdata' },
    },
    {
      name: 'sqlite-driver-in-one-file',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sqlite\\.ts$' },
      to: { path: 'node_modules/better-sqlite3' },
    },
    {
      name: 'aedes-in-broker-only',
      severity: 'error',
      from: { path: '^src/', pathNot: room('broker') },
      to: { path: 'node_modules/aedes' },
    },
    {
      name: 'fastify-in-plugins-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(app|server)\\.ts$', '/plugin\\.ts$', '^src/(api|ws|observe)/'] },
      to: { path: 'node_modules/(fastify|@fastify)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'simulators-are-clients',
      comment: 'simulators may use models and nothing else of the service',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^src/', pathNot: '^src/(model|alarms/model|historian/rollup/model)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no API that dependency-cruiser could use; swc reads the types' imports too.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
