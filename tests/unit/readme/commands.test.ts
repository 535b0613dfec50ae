import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readMigrateOptions } from '../../../scripts/migrate/options.js';
import { readConfig } from '../../../src/config.js';
import { lentInflux } from '../../helpers/influx/lent.js';
import { tempDir } from '../../helpers/temp.js';
import { assignments, COMPOSE, COMPOSE_TEXT, type Compose, filledIn } from '../deploy/files.js';

const readme = readFileSync('README.md', 'utf8');
const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
  (block as string).trim().split('\n'),
);

/** The variables a command line sets for its command; what it takes from the shell is left as it is written. */
function environment(line: string): Record<string, string> {
  const [, set = ''] = /^((?:[A-Z_]+=\S+ )*)/.exec(line) ?? [];
  return Object.fromEntries(
    set
      .trim()
      .split(' ')
      .map((one) => one.split('=') as [string, string]),
  );
}

/** Every command line of the README, by what holds it true. */
const HELD: readonly { readonly line: RegExp; readonly by: () => void | Promise<void> }[] = [
  { line: /^npm ci && npm run demo$/, by: () => expect(existsSync('tests/e2e/demo.test.ts')).toBe(true) },
  {
    line: /^npm ci && npm test$/,
    by: () => expect(readFileSync('.ci/run', 'utf8')).toMatch(/^npm ci .*\n[\s\S]*^npm test$/m),
  },
  // That test sends each of them to a service.
  { line: /^curl /, by: () => expect(existsSync('tests/component/api/readme.test.ts')).toBe(true) },
  {
    line: /^PARK_HISTORIAN=influxdb .* npm start$/,
    by: () => {
      const line = lines.find((one) => one.startsWith('PARK_HISTORIAN=')) ?? '';
      expect(readConfig(environment(line))).toMatchObject({ PARK_HISTORIAN: 'influxdb', INFLUX_API: 'v1' });
    },
  },
  {
    line: /^INFLUX_API=.* npm run migrate -- --from lake --to influxdb$/,
    by: () => {
      const line = lines.find((one) => one.includes('npm run migrate -- ')) ?? '';
      expect(readMigrateOptions(line.split(' -- ')[1]!.split(' '))).toEqual({ from: 'lake', to: 'influxdb' });
      expect(readConfig({ ...environment(line), PARK_HISTORIAN: 'influxdb' }).INFLUX_API).toBe('v1');
      expect(existsSync('tests/e2e/migrate.test.ts')).toBe(true);
    },
  },
  {
    line: /^TEST_INFLUX_URL=.* npm test$/,
    by: () => {
      const line = lines.find((one) => one.startsWith('TEST_INFLUX_URL=')) ?? '';
      expect(lentInflux(environment(line))).toMatchObject({ api: 'v2', org: 'parks', url: 'http://127.0.0.1:8086' });
    },
  },
  { line: /\.env\.example > \.env\)$/, by: secretsAreMade },
  {
    line: /^docker compose (--profile \w+ )?up -d( --build)?$/,
    by: () => {
      const named = lines.flatMap((line) => /^docker compose .*--profile (\w+)/.exec(line)?.[1] ?? []);
      expect(new Set(named)).toEqual(new Set(Object.values(COMPOSE.services).flatMap(({ profiles = [] }) => profiles)));
    },
  },
];

function secretsAreMade(): void {
  const dir = tempDir();
  copyFileSync('.env.example', join(dir, '.env.example'));
  const line = lines.find((one) => one.endsWith('.env.example > .env)')) ?? 'false';
  execFileSync('sh', ['-c', line], { cwd: dir });
  const env = assignments(readFileSync(join(dir, '.env'), 'utf8'));
  const secrets = [...env].filter(([name]) => /TOKEN|PASSWORD/.test(name)).map(([, value]) => value);
  expect(secrets.length).toBeGreaterThanOrEqual(4);
  expect(new Set(secrets).size).toBe(secrets.length);
  for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{48}$/);
  expect(statSync(join(dir, '.env')).mode & 0o077).toBe(0);
  const { services } = parse(filledIn(COMPOSE_TEXT, env), { merge: true }) as Compose;
  const given = Object.entries(services.park?.environment ?? {}).map(([name, value]) => [name, String(value)]);
  expect(readConfig(Object.fromEntries(given)).PARK_HISTORIAN).toBe('influxdb');
}

describe('every command line of the README', () => {
  it.each(lines)('%s', async (line) => {
    const held = HELD.filter((one) => one.line.test(line));
    expect(held).toHaveLength(1);
    await held[0]?.by();
  });
});
