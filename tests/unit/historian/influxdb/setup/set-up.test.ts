import { beforeEach, describe, expect, it } from 'vitest';
import { InfluxError } from '../../../../../src/historian/influxdb/errors.js';
import type { SetUp } from '../../../../../src/historian/influxdb/setup/common.js';
import { setUpServer } from '../../../../../src/historian/influxdb/setup/set-up.js';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

type Answer = (asked: Asked) => unknown;

const where = 'http://influx:8086';
const MONTH_AND_10_DAYS_S = 41 * 86_400;
let asked: Asked[] = [];
let warnings: string[] = [];

beforeEach(() => {
  asked = [];
  warnings = [];
});

/** Answers in the documented form of each request; the component tests ask real servers if there are any. */
function setUpOn(answers: Readonly<Record<string, Answer>>): SetUp {
  const admin = async (method: string, path: string, body?: object) => {
    const one = { method, path, body };
    asked.push(one);
    const answer = answers[`${method} ${path.split('?')[0]}`];
    if (answer === undefined) throw refused(404, 'not found');
    return answer(one);
  };
  return { transport: { admin, where }, org: 'city', warn: (message) => void warnings.push(message) };
}

const refused = (status: number, words: string) => new InfluxError('retry', `${status} ${words}`, { status, words });
const changes = () =>
  asked.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body]);
const nameOf = ({ path }: Asked) => new URL(path, where).searchParams.get('name') ?? '';

describe('2.x', () => {
  const wanted = { api: 'v2', bucket: 'park', rawDays: 10 } as const;
  const expire = (everySeconds: number, days: number) => [
    { type: 'expire', everySeconds, shardGroupDurationSeconds: days * 86_400 },
  ];
  const there =
    (keepS: number): Answer =>
    (one) => ({
      buckets: [{ id: `id-${nameOf(one)}`, orgID: 'o1', retentionRules: keepS === 0 ? [] : [{ everySeconds: keepS }] }],
    });

  it('gets both buckets with their retention, and a mapping for each', async () => {
    const setUp = setUpOn({
      'GET /api/v2/buckets': () => ({ buckets: [] }),
      'GET /api/v2/orgs': () => ({ orgs: [{ id: 'o1' }] }),
      'POST /api/v2/buckets': ({ body }) => ({ ...(body as object), id: 'b1' }),
      'GET /api/v2/dbrps': () => ({ content: [] }),
      'POST /api/v2/dbrps': () => ({}),
    });
    await setUpServer(setUp, wanted);
    const mapping = (database: string) => ({
      orgID: 'o1',
      bucketID: 'b1',
      database,
      retention_policy: 'autogen',
      default: true,
    });
    expect(changes()).toEqual([
      ['POST', '/api/v2/buckets', { orgID: 'o1', name: 'park', retentionRules: expire(MONTH_AND_10_DAYS_S, 7) }],
      ['POST', '/api/v2/dbrps', mapping('park')],
      ['POST', '/api/v2/buckets', { orgID: 'o1', name: 'park_rollups', retentionRules: expire(0, 364) }],
      ['POST', '/api/v2/dbrps', mapping('park_rollups')],
    ]);
  });

  it('is left alone where all is there', async () => {
    const setUp = setUpOn({
      'GET /api/v2/buckets': (one) => there(nameOf(one) === 'park' ? MONTH_AND_10_DAYS_S : 0)(one),
      'GET /api/v2/dbrps': ({ path }) => ({
        content: [{ bucketID: `id-${new URL(path, where).searchParams.get('db')}`, default: true }],
      }),
    });
    await setUpServer(setUp, wanted);
    expect(changes()).toEqual([]);
  });

  it('keeps as long as wanted where the token may say so; else there is a warning', async () => {
    const dbrps = { 'GET /api/v2/dbrps': () => ({ content: [] }), 'POST /api/v2/dbrps': () => ({}) };
    await setUpServer(
      setUpOn({
        'GET /api/v2/buckets': there(3_600),
        'PATCH /api/v2/buckets/id-park': () => ({}),
        'PATCH /api/v2/buckets/id-park_rollups': () => ({}),
        ...dbrps,
      }),
      wanted,
    );
    expect(changes()[0]).toEqual([
      'PATCH',
      '/api/v2/buckets/id-park',
      { retentionRules: expire(MONTH_AND_10_DAYS_S, 7) },
    ]);
    expect(warnings).toEqual([]);
    const forbid: Answer = () => {
      throw refused(403, 'not yours');
    };
    await setUpServer(
      setUpOn({
        'GET /api/v2/buckets': there(86_400),
        'PATCH /api/v2/buckets/id-park': forbid,
        'PATCH /api/v2/buckets/id-park_rollups': forbid,
        ...dbrps,
      }),
      wanted,
    );
    expect(warnings[0]).toMatch(
      /bucket park keeps readings 1 days instead of 41 days.*not yours.*influx bucket update --id id-park/,
    );
  });

  it('without the bucket and the right to make it is an error that says how', async () => {
    const setUp = setUpOn({
      'GET /api/v2/buckets': () => ({ buckets: [] }),
      'GET /api/v2/orgs': () => ({ orgs: [{ id: 'o1' }] }),
      'POST /api/v2/buckets': () => {
        throw refused(401, 'unauthorized access');
      },
    });
    await expect(setUpServer(setUp, wanted)).rejects.toThrow(
      /no bucket park in organisation city.*unauthorized access.*influx bucket create --org city --name park/,
    );
  });

  it('makes do with the mapping of its own where it may make none, and says so where there is none', async () => {
    const forbidden = {
      'GET /api/v2/buckets': there(MONTH_AND_10_DAYS_S),
      'PATCH /api/v2/buckets/id-park_rollups': () => ({}),
      'POST /api/v2/dbrps': () => {
        throw refused(403, 'forbidden');
      },
    };
    const virtual: Answer = ({ path }) => ({
      content: [{ bucketID: `id-${new URL(path, where).searchParams.get('db')}`, default: true, virtual: true }],
    });
    await setUpServer(setUpOn({ ...forbidden, 'GET /api/v2/dbrps': virtual }), wanted);
    await expect(
      setUpServer(setUpOn({ ...forbidden, 'GET /api/v2/dbrps': () => ({ content: [] }) }), wanted),
    ).rejects.toThrow(/no DBRP mapping makes bucket park.*influx v1 dbrp create --db park/);
  });
});

describe('3 Core', () => {
  const wanted = { api: 'v3', bucket: 'park', rawDays: 10 } as const;

  it('gets both databases, and the readings a retention', async () => {
    await setUpServer(
      setUpOn({
        'GET /api/v3/configure/database': () => [{ 'iox::database': '_internal' }],
        'POST /api/v3/configure/database': () => undefined,
      }),
      wanted,
    );
    expect(changes().map(([, , body]) => body)).toEqual([
      { db: 'park', retention_period: '41d' },
      { db: 'park_rollups' },
    ]);
  });

  it('is left alone where both are there', async () => {
    const both = [{ 'iox::database': 'park' }, { 'iox::database': 'park_rollups' }];
    await setUpServer(setUpOn({ 'GET /api/v3/configure/database': () => both }), wanted);
    expect(changes()).toEqual([]);
  });

  it('that knows no retention keeps readings for good, with a warning', async () => {
    const setUp = setUpOn({
      'GET /api/v3/configure/database': () => [],
      'POST /api/v3/configure/database': ({ body }) => {
        if ('retention_period' in (body as object))
          throw new InfluxError('split', '400', { status: 400, words: 'unknown field' });
      },
    });
    await setUpServer(setUp, wanted);
    expect(warnings).toEqual([expect.stringMatching(/park keeps readings for good.*unknown field/)]);
  });

  it('without the database and the right to make it is an error that says how', async () => {
    const setUp = setUpOn({
      'POST /api/v3/configure/database': () => {
        throw refused(403, 'admin token required');
      },
    });
    await expect(setUpServer(setUp, wanted)).rejects.toThrow(
      /no database park .*admin token required.*influxdb3 create database --retention-period 41d park/,
    );
  });
});
