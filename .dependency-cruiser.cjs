/** Who may import whom: the rooms of docs/architecture.md, checked on every `npm run check`. */
const room = (...names) => `^src/(${names.join('|')})/`;
const model = '^src/model/';
const anyModel = '^src/.+/model/';
const anyPort = '^src/.+port(\\.ts$|/)';
const port = (...names) => names.map((name) => `^src/${name}/.*port(\\.ts$|/)`);
/** Which SQLite driver the process has; no room's. */
const sqlite = '^src/sqlite\\.ts$';

/** Capabilities: what one has to tell another goes through a callback wired in app.ts. */
const CAPABILITIES = ['alarms', 'intensity', 'emissions'];
/** Ways in, which never know each other. */
const WAYS_IN = ['broker'];

/** A room may import itself, and of the rest of src only what is listed. */
const only = (name, allowed, comment) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: room(name) },
  to: { path: '^src/', pathNot: [room(name), ...allowed] },
});

/** A library that only these places may know. */
const inOnly = (name, library, places) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: places },
  to: { path: `node_modules/(${library})`, dependencyTypesNot: ['type-only'] },
});

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
      comment: 'model imports nothing else, node:* included',
      severity: 'error',
      from: { path: model },
      to: { pathNot: model },
    },
    {
      name: 'models-of-capabilities-are-pure',
      comment: 'X/model imports model and itself',
      severity: 'error',
      from: { path: '^src/(.+)/model/' },
      to: { pathNot: [model, '^src/$1/model/'] },
    },
    only('state', [...port('journal'), sqlite], 'the state file knows no model'),
    only('journal', [...port('state'), sqlite], 'the journal keeps messages and knows no model'),
    only('registry', [model, ...port('state'), sqlite], 'who and what there is'),
    only('ingest', [model, ...port('journal', 'registry', 'state'), sqlite], 'messages, whatever way they came'),
    ...WAYS_IN.map((name) => only(name, [model, ...port('registry', 'ingest')], 'a way in signs in and hands on')),
    only('hj212', [model, ...port('registry', 'ingest', 'state'), sqlite], 'a way in that keeps who may use it'),
    only('historian', [model, ...port('journal', 'registry'), sqlite], 'history follows the journal'),
    ...CAPABILITIES.map((name) =>
      only(name, [model, ...port('journal', 'historian', 'registry', 'state'), sqlite], 'a capability sees ports'),
    ),
    only('http', [model, anyPort], 'the kit that the faces share'),
    ...['api', 'ws'].map((name) =>
      only(name, [room('http'), model, anyModel, anyPort], 'a face sees http, models and ports'),
    ),
    {
      name: 'resources-know-only-http',
      comment: 'what several resources need lies in http, or beside plugin.ts where it names a capability',
      severity: 'error',
      from: { path: '^src/api/([^/]+)/' },
      to: { path: '^src/api/[^/]+/', pathNot: '^src/api/$1/' },
    },
    {
      name: 'only-the-plugin-knows-resources',
      severity: 'error',
      from: { path: '^src/(api/[^/]+\\.ts|ws/|observe/)', pathNot: '^src/api/plugin\\.ts$' },
      to: { path: '^src/api/[^/]+/' },
    },
    only(
      'observe',
      [model, room('http'), ...port('state', 'journal', 'ingest', 'registry', 'historian', 'broker', 'ws')],
      'observe knows no capability: each brings its metrics',
    ),
    inOnly('duckdb-in-lake-only', '@duckdb', ['^src/historian/lake/']),
    inOnly('influx-in-adapter-only', '@influxdata', ['^src/historian/influxdb/']),
    inOnly('sqlite-driver-in-one-file', 'better-sqlite3', [sqlite]),
    inOnly('holidays-in-calendar-only', 'chinese-days', ['^src/intensity/calendar\\.ts$']),
    inOnly('xlsx-in-one-file', 'hucre', ['^src/intensity/upload/xlsx\\.ts$']),
    inOnly('aedes-in-broker-only', 'aedes', [room('broker')]),
    inOnly('fastify-in-faces-only', 'fastify|@fastify', [
      '^src/(app|server)\\.ts$',
      room('api', 'ws', 'http', 'observe'),
    ]),
    {
      name: 'simulators-are-clients',
      comment: 'simulators may use models and nothing else of the service',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^src/', pathNot: [model, anyModel] },
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
