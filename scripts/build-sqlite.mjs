/**
 * npm runs it after an installation. Only Node 20 needs the compiled SQLite driver, so that npm does not build it
 * (`allowScripts`): this script builds it on Node 20, and does nothing on others. See `src/sqlite.ts`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const DRIVER = 'better-sqlite3-node20';
const folder = join('node_modules', DRIVER);

function loads() {
  try {
    const Driver = createRequire(import.meta.url)(DRIVER);
    new Driver(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

if (Number.parseInt(process.versions.node, 10) < 22 && existsSync(folder) && !loads()) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['run', '--silent', 'install'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0 || !loads()) {
    console.warn(
      `The SQLite driver for Node.js ${process.versions.node} could not be built: it needs a C++ compiler, make and Python 3. Node.js 22 and later need none.`,
    );
  }
}
