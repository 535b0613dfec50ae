import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { metric } from '../../../src/model/catalogue/index.js';
import type { Domain } from '../../../src/model/reading.js';
import { asked, COMPOSE, filesBelow, filledIn } from './files.js';

interface Source {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly jsonData: { readonly dbName: string };
  readonly secureJsonData: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly query: string; readonly datasource: { readonly uid: string } }[];
}

const text = readFileSync('grafana/provisioning/datasources/influxdb.yml', 'utf8');
/** As Grafana reads it, with these values of the environment. */
const given = new Map([
  ['INFLUX_BUCKET', 'a'],
  ['INFLUX_TOKEN', 'secret'],
]);
const { datasources } = parse(filledIn(text, given)) as { datasources: readonly Source[] };
const { providers } = parse(readFileSync('grafana/provisioning/dashboards/boards.yml', 'utf8')) as {
  providers: readonly { readonly options: { readonly path: string } }[];
};
const boards = filesBelow('grafana/boards').map((file) => ({
  file,
  board: JSON.parse(readFileSync(file, 'utf8')) as { readonly uid: string; readonly panels: readonly Panel[] },
}));

describe('what Grafana is provisioned with', () => {
  it('asks for the readings and the roll-ups with the token of the environment', () => {
    expect(datasources.map(({ jsonData }) => jsonData.dbName)).toEqual(['a', 'a_rollups']);
    for (const { type, url, secureJsonData } of datasources) {
      expect([type, url]).toEqual(['influxdb', COMPOSE.services.park?.environment.INFLUX_URL]);
      expect(Object.values(secureJsonData)).toEqual(['Token secret']);
    }
    expect(asked(text)).toEqual(new Set(given.keys()));
    expect(Object.keys(COMPOSE.services.grafana?.environment ?? {})).toEqual(expect.arrayContaining([...given.keys()]));
  });

  it('finds its files where compose mounts them', () => {
    const mounts = (COMPOSE.services.grafana?.volumes ?? []).map((one) => one.split(':').slice(0, 2));
    expect(mounts).toContainEqual(['./grafana/provisioning', '/etc/grafana/provisioning']);
    for (const { options } of providers) expect(mounts).toContainEqual(['./grafana/boards', options.path]);
  });

  it.each(boards)('$file asks for metrics there are, from a source there is', ({ board }) => {
    expect(board.panels.length).toBeGreaterThan(0);
    for (const { title, targets } of board.panels) {
      for (const { query, datasource } of targets) {
        expect(datasources.map(({ uid }) => uid)).toContain(datasource.uid);
        const [, measurement = ''] = / FROM "(\w+)"/.exec(query) ?? [];
        const [, field] = /SELECT \w+\("(\w+)"\)/.exec(query) ?? /"metric" = '(\w+)'/.exec(query) ?? [];
        expect(metric(measurement.replace(/_1[hd]$/, '') as Domain, field ?? ''), title).toBeDefined();
      }
    }
  });

  it('has boards of distinct uids', () => {
    expect(boards.length).toBeGreaterThan(0);
    expect(new Set(boards.map(({ board }) => board.uid)).size).toBe(boards.length);
  });
});
