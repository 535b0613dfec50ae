import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lentInflux } from '../../helpers/influx/lent.js';
import { LocalInflux, localInfluxVersion } from '../../helpers/influx/local.js';
import { tempDir } from '../../helpers/temp.js';

const version = localInfluxVersion();

const OWNER = `
import { LocalInflux } from './tests/helpers/influx/local.ts';
const engine = new LocalInflux('1.x');
await engine.start();
console.log(engine.pid);
setInterval(() => undefined, 60_000);
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(version === null)('a local influxd', () => {
  it('asks for its user and password where it is told to', async () => {
    const engine = new LocalInflux(version as string, { auth: true });
    onTestFinished(() => engine.dispose());
    await engine.start();
    const bucket = engine.freshBucket();
    await engine.create(bucket);
    await engine.write(bucket, 'm v=1 1000');
    expect((await fetch(`${engine.url}/query?q=show%20databases`)).status).toBe(401);
  });

  it('refuses a body above the size it is told', async () => {
    const engine = new LocalInflux(version as string, { maxBodyBytes: 10 });
    onTestFinished(() => engine.dispose());
    await engine.start();
    const bucket = engine.freshBucket();
    await engine.create(bucket);
    await engine.write(bucket, 'm v=1 1000');
    await expect(engine.write(bucket, 'm v=1 10000')).rejects.toThrow('413');
  });

  it('says why it does not start', async () => {
    const engine = new LocalInflux(version as string, { maxBodyBytes: Number.NaN });
    onTestFinished(() => engine.dispose());
    await expect(engine.start()).rejects.toThrow(/ended with 1[\s\S]*max-body-size/);
  });

  it.runIf(process.platform === 'linux')(
    'ends with the process that started it, even when that is killed',
    async () => {
      const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', OWNER], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: tempDir() },
      });
      onTestFinished(() => void owner.kill('SIGKILL'));
      const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
      const pid = Number(line);
      expect(isAlive(pid)).toBe(true);
      owner.kill('SIGKILL');
      await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    },
  );
});

describe('a lent InfluxDB', () => {
  it('is the one that the environment names', () => {
    expect(lentInflux({})).toBeNull();
    expect(lentInflux({ TEST_INFLUX_URL: '' })).toBeNull();
    const env = { TEST_INFLUX_URL: 'http://db:8086/', TEST_INFLUX_TOKEN: 't', TEST_INFLUX_ORG: 'o' };
    expect(lentInflux(env)).toMatchObject({ url: 'http://db:8086', api: 'v2', token: 't', org: 'o', ours: false });
    expect(() => lentInflux({ ...env, TEST_INFLUX_API: '2' })).toThrow('TEST_INFLUX_API');
  });
});
