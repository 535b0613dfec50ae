import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { describeOnEngines, findEngines } from '../../helpers/influx/influx.js';

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly query: string; readonly datasource: { readonly uid: string } }[];
}

const FOLDER = 'grafana/boards';
const PARK = 'lw-zhenan';

const panels = readdirSync(FOLDER).flatMap((file) => {
  const board = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { readonly panels: readonly Panel[] };
  return board.panels.map((panel) => ({ file, ...panel }));
});

/** The query as Grafana sends it for the last hour of one park. */
function asSent(query: string): string {
  return query
    .replaceAll('$timeFilter', 'time > now() - 1h')
    .replaceAll('$__interval', '10s')
    .replaceAll('$park', PARK);
}

describeOnEngines('the boards', await findEngines(), (engine) => {
  let buckets: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const bucket = engine.freshBucket();
    buckets = { 'park-readings': bucket, 'park-rollups': `${bucket}_rollups` };
    const now = Date.now() - 60_000;
    const of = (metric: string) => `,park=${PARK},district=lucheng,device=d-1${metric} `;
    await engine.create(bucket);
    await engine.create(`${bucket}_rollups`);
    const fields = {
      energy: 'active_power_kw',
      wastewater: 'cod_mg_l',
      fire: 'hydrant_pressure_mpa',
      traffic: 'people_in',
    };
    const lines = Object.entries(fields).map(([domain, field]) => `${domain}${of('')}${field}=1,delay_ms=5i ${now}`);
    await engine.write(bucket, lines.join('\n'));
    await engine.write(
      `${bucket}_rollups`,
      `energy_1d${of(',metric=import_energy_kwh')}count=3,delta=12.5,first=1 ${now}`,
    );
  });

  it.each(panels)('$file: $title shows what is there', async ({ targets }) => {
    for (const { query, datasource } of targets) {
      const [series] = await engine.query(buckets[datasource.uid] ?? '', asSent(query));
      expect(series?.values).toHaveLength(1);
      expect(series?.values[0]?.[1]).toBe(query.includes('"delta"') ? 12.5 : 1);
      expect(series?.tags).toEqual({ device: 'd-1' });
    }
  });

  it('offer the parks that have readings', async () => {
    const [series] = await engine.query(buckets['park-readings'] ?? '', 'SHOW TAG VALUES WITH KEY = "park"');
    expect(series?.values).toEqual([['park', PARK]]);
  });
});
