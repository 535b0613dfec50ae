import { describe, expect, it, vi } from 'vitest';
import { GatewayLink } from '../../../simulators/link/gateway-link.js';
import { provision } from '../../../simulators/provision.js';
import { ServiceApi } from '../../../simulators/service-api.js';
import { loadYears } from '../../../simulators/years/load.js';
import { ADMIN_TOKEN, testApp } from '../../helpers/app.js';

const NOW = Date.parse('2026-11-27T09:00:00+08:00');
const PARKS = ['lc-xiedu-1', 'lw-zhuangnan', 'oh-gaoxiang', 'lc-dezheng'];

describe('the years since 2020', () => {
  it('x', { timeout: 120_000 }, async () => {
    const time = { now: NOW };
    const service = await testApp({ PARK_RAW_DAYS: '4000' }, undefined, { clock: () => time.now });
    const api = new ServiceApi(service.app.http, ADMIN_TOKEN);
    const made = await provision(api, { parks: PARKS, seed: 1, expectedIntervalS: 60 });
    const parks = made.map(({ site, gateway, secret }) => ({
      site,
      link: new GatewayLink({ broker: service.app.mqtt, park: site.id, gateway, secret, now: () => time.now }),
    }));
    for (const { link } of parks) await link.connect();
    const t0 = performance.now();
    const log = {
      write: (s: string) => {
        console.log(s, performance.now() - t0);
        return true;
      },
    } as never;
    const context = { now: () => time.now, log, signal: new AbortController().signal };
    await loadYears(api, parks, context);
    console.log('loaded', performance.now() - t0);
    for (const id of PARKS) {
      const answer = await service.get(`/api/v1/intensity?scope=park:${id}`);
      console.log(
        id,
        performance.now() - t0,
        JSON.stringify(answer.verdict).slice(0, 1500),
        answer.figure?.completeness,
        answer.figure?.coverage,
      );
      console.log(JSON.stringify(answer.path));
    }
    for (const { link } of parks) await link.close();
    void vi;
    void expect;
  });
});
