import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../helpers/temp.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A folder with what the Docker image has of the repository: what was built, and nothing to build it with. */
function imageFolder(): string {
  const folder = tempDir();
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'dist']) symlinkSync(join(root, name), join(folder, name), 'dir');
  return folder;
}

const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', ['run', '--silent', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('the scripts of package.json where there is nothing to build with, as in the image', () => {
  it.each(['migrate', 'simulate', 'demo'])('%s runs what was built', (script) => {
    expect(npm(imageFolder(), script, '--', '--help')).toContain('Usage:');
  });

  it('have what they start', () => {
    expect(existsSync(join(root, 'dist/src/server.js'))).toBe(true);
    expect(existsSync(join(root, 'dist/simulators/cli.js'))).toBe(true);
  });

  it('start has nothing to do before it', () => {
    expect(npm(imageFolder(), 'prestart')).toBe('');
  });
});
