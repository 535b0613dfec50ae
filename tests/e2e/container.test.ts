import { execFileSync, spawn } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ADMIN_TOKEN, makeDataDir, removeDataDir } from './helpers/service.js';

/** Mounts and process ids of its own, the tree that holds the checkout read-only but for $DATA, no capabilities. */
const BOX = `
mount --make-rprivate / &&
mount --bind "$DATA" "$DATA" &&
mount -o remount,bind,ro / &&
! touch package.json 2>/dev/null &&
exec setpriv --reuid="$USER_ID" --regid="$GROUP_ID" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
`;
const box = (command: readonly string[]) => [
  ...['--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ...['sh', '-c', BOX, 'sh', ...command],
];

/** Files of a checkout may be readable to its owner alone. */
const { uid, gid } = statSync('package.json');

function why(): string | null {
  const env = { ...process.env, DATA: '/tmp', USER_ID: String(uid), GROUP_ID: String(gid) };
  try {
    execFileSync('unshare', box(['true']), { env, stdio: 'ignore' });
    return null;
  } catch {
    return 'no namespaces for this user here';
  }
}

/** The process that is 1 inside, by its id outside. */
function firstChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

const missing = why();

describe('the service as it runs in its container', () => {
  const title = 'is process 1, writes only below its data folder, keeps no capability, and ends on SIGTERM';
  it.skipIf(missing !== null)(missing ? `${title}: not run, ${missing}` : title, async () => {
    const data = makeDataDir();
    onTestFinished(() => removeDataDir(data));
    chownSync(data, uid, gid);
    const child = spawn('unshare', box([process.execPath, 'dist/src/server.js']), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        DATA: data,
        USER_ID: String(uid),
        GROUP_ID: String(gid),
        PARK_DATA_DIR: data,
        PARK_HTTP_PORT: '0',
        PARK_MQTT_PORT: '0',
        PARK_ADMIN_TOKEN: ADMIN_TOKEN,
      },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const output: string[] = [];
    const listening = await new Promise<{ http: string; pid: number }>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface(stream).on('line', (line) => {
          output.push(line);
          if (line.includes('"listening"')) resolve(JSON.parse(line) as { http: string; pid: number });
        });
      }
      void ended.then(() => reject(new Error(output.join('\n'))));
    });
    expect(listening.pid).toBe(1);
    const inside = firstChild(child.pid as number);
    const status = readFileSync(`/proc/${inside}/status`, 'utf8');
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    const answer = await fetch(`${listening.http}/health/ready`);
    expect([answer.status, output.filter((line) => line.includes('EROFS'))]).toEqual([200, []]);
    process.kill(inside, 'SIGTERM');
    expect([await ended, output.filter((line) => line.includes('"level":50'))]).toEqual([0, []]);
  });
});
