import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOptions } from '../../../simulators/options.js';
import { configSchema, readConfig } from '../../../src/config.js';
import { tempDir } from '../../helpers/temp.js';
import { asked, assignments, COMPOSE, COMPOSE_TEXT, type Compose, ENV_EXAMPLE, filesBelow, filledIn } from './files.js';

const services = Object.entries(COMPOSE.services);
const example = assignments(ENV_EXAMPLE);
const SECRET = /TOKEN|PASSWORD|SECRET/;

/** The example with a value for every variable it leaves open. */
const complete = new Map([...example].map(([name, value]) => [name, value || 'made-up-for-this-test-0123456789']));

function composeVersion(): string | null {
  try {
    return execFileSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}

describe('docker-compose.yml', () => {
  it('has the service, InfluxDB, Grafana, and the simulators under their profile', () => {
    expect(Object.keys(COMPOSE.services).sort()).toEqual(['grafana', 'influxdb', 'park', 'simulators']);
    expect(services.filter(([, one]) => one.profiles).map(([name]) => name)).toEqual(['simulators']);
    expect(COMPOSE.services.simulators?.profiles).toEqual(['simulators']);
  });

  it.each(services)('%s runs a pinned image', (_name, { image = '' }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:\d+\.\d+\.\d+$/);
  });

  it('runs InfluxDB 2.7 or later of the second generation', () => {
    const [, minor] = /^influxdb:2\.(\d+)\./.exec(COMPOSE.services.influxdb?.image ?? '') ?? [];
    expect(Number(minor)).toBeGreaterThanOrEqual(7);
  });

  it.each(services)('%s may do as little as it needs, and no more than so much', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    });
    expect(service.cap_add ?? []).toEqual([]);
    expect(service.privileged ?? false).toBe(false);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(Object.keys(service.logging?.options ?? {}).sort()).toEqual(['max-file', 'max-size']);
    if (service.user !== undefined) expect(service.user).not.toMatch(/^(0|root)\b/);
  });

  it.each(services.filter(([, { profiles }]) => !profiles))('%s says whether it works', (_name, { healthcheck }) => {
    expect(healthcheck?.test?.[0]).toMatch(/^CMD/);
  });

  it('waits for a part only where that part says whether it works, and for none that is not there', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const other = COMPOSE.services[name];
        expect(other).toBeDefined();
        if (condition === 'service_healthy') expect(other?.healthcheck?.test).toBeDefined();
      }
    }
  });

  it('does not let the service wait for a database that is away', () => {
    expect(COMPOSE.services.park?.depends_on?.influxdb).toEqual({ condition: 'service_started' });
    expect(COMPOSE.services.park?.healthcheck?.test?.join(' ')).toContain('/health/live');
  });

  it('declares every volume and network it uses, and uses every one it declares', () => {
    const named = services.flatMap(([, { volumes = [] }]) => volumes.map((one) => one.split(':')[0] as string));
    const binds = named.filter((one) => one.startsWith('.'));
    expect(binds.filter((path) => !existsSync(path))).toEqual([]);
    expect(new Set(named.filter((one) => !one.startsWith('.')))).toEqual(new Set(Object.keys(COMPOSE.volumes)));
    const networks = services.flatMap(([, one]) => one.networks);
    expect(new Set(networks)).toEqual(new Set(Object.keys(COMPOSE.networks)));
  });

  it('shows the database to the service and Grafana alone', () => {
    const { influxdb } = COMPOSE.services;
    expect(influxdb?.ports).toBeUndefined();
    expect(influxdb?.networks).toEqual(['database']);
    expect(COMPOSE.networks.database?.internal).toBe(true);
    expect(services.filter(([, one]) => one.networks.includes('database')).map(([name]) => name)).toEqual([
      'park',
      'influxdb',
      'grafana',
    ]);
  });
});

describe('secrets', () => {
  it('stand in no file: each is a variable without a default, and empty in .env.example', () => {
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (SECRET.test(name)) expect(value, name).toMatch(/^\$\{\w+:\?.+\}$/);
      }
    }
    for (const [name, value] of example) if (SECRET.test(name)) expect(value, name).toBe('');
    expect(COMPOSE_TEXT).not.toMatch(/\$\{\w+:?-/);
    for (const file of filesBelow('grafana')) expect(asked(file).size, file).toBe(0);
  });

  it('and settings: compose asks for what .env.example names, and the other way round', () => {
    expect(asked(COMPOSE_TEXT)).toEqual(new Set(example.keys()));
  });

  it('are asked for by name when one is missing', () => {
    expect(() => filledIn(COMPOSE_TEXT, example)).toThrow(/PARK_ADMIN_TOKEN: set it in \.env/);
  });
});

describe('what the containers are told', () => {
  const filled = parse(filledIn(COMPOSE_TEXT, complete), { merge: true }) as Compose;
  const environmentOf = (name: string) =>
    Object.fromEntries(
      Object.entries(filled.services[name]?.environment ?? {}).map(([key, value]) => [key, String(value)]),
    );

  it('is a configuration the service takes, with InfluxDB as its historian', () => {
    const environment = environmentOf('park');
    expect(Object.keys(environment).filter((name) => !(name in configSchema.shape))).toEqual([]);
    const config = readConfig(environment);
    expect(config).toMatchObject({ PARK_HISTORIAN: 'influxdb', INFLUX_API: 'v2', PARK_DATA_DIR: '/data' });
  });

  it('names only variables of the configuration where it names PARK_… or INFLUX_…', () => {
    const names = [...example.keys()].filter((name) => /^(PARK|INFLUX)_/.test(name));
    expect(names.filter((name) => !(name in configSchema.shape))).toEqual([]);
  });

  it('is one database for the service, Grafana and the set-up', () => {
    const [park, grafana, influxdb] = ['park', 'grafana', 'influxdb'].map(environmentOf);
    expect(grafana).toMatchObject({ INFLUX_TOKEN: park?.INFLUX_TOKEN, INFLUX_BUCKET: park?.INFLUX_BUCKET });
    expect(influxdb).toMatchObject({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_ORG: park?.INFLUX_ORG,
      DOCKER_INFLUXDB_INIT_BUCKET: park?.INFLUX_BUCKET,
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: park?.INFLUX_TOKEN,
    });
    expect(new URL(park?.INFLUX_URL ?? '').hostname in filled.services).toBe(true);
  });

  it('is a command line the simulators take', () => {
    const [node, script, ...options] = filled.services.simulators?.command ?? [];
    expect([node, script]).toEqual(['node', 'dist/simulators/cli.js']);
    const token = environmentOf('simulators').PARK_ADMIN_TOKEN ?? '';
    const { broker, api } = readOptions([...options, '--admin-token', token]);
    expect([broker, api]).toEqual(['mqtt://park:1883', 'http://park:8080']);
  });

  const version = composeVersion();
  const why = version === null ? ': not run, no docker compose here' : '';
  it.skipIf(version === null)(`is accepted by docker compose config${why}`, () => {
    const env = join(tempDir(), '.env');
    writeFileSync(env, [...complete].map(([name, value]) => `${name}=${value}\n`).join(''));
    const text = execFileSync('docker', ['compose', '--env-file', env, '--profile', 'simulators', 'config'], {
      encoding: 'utf8',
      // What this shell has set would win over the file.
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: 'pipe',
    });
    expect(Object.keys((parse(text) as Compose).services).sort()).toEqual(Object.keys(COMPOSE.services).sort());
  });
});
