import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceApi } from '../../simulators/service-api.js';

const ROLES = ['operator', 'inspector', 'viewer'] as const;

/** The demo's sign-in tokens, kept for the next run in its data folder, which only its owner can read. */
export interface DemoTokens {
  readonly admin: string;
  readonly operator?: string;
  readonly inspector?: string;
  readonly viewer?: string;
}

const fileOf = (dataDir: string): string => join(dataDir, 'demo-tokens.json');

/** The administrator's token: from the environment, from the last run, or a new one. */
export async function adminToken(dataDir: string, env: NodeJS.ProcessEnv): Promise<DemoTokens> {
  await mkdir(dataDir, { recursive: true });
  const kept = await read(dataDir);
  const admin = env.PARK_ADMIN_TOKEN || kept?.admin || randomBytes(24).toString('base64url');
  const tokens = { ...kept, admin };
  await write(dataDir, tokens);
  return tokens;
}

/** Creates a token for each role that has none, or whose token the service does not know. */
export async function roleTokens(
  dataDir: string,
  known: DemoTokens,
  api: ServiceApi,
  works: (token: string) => Promise<boolean>,
): Promise<DemoTokens> {
  const tokens: Record<string, string> & { admin: string } = { ...known };
  for (const role of ROLES) {
    const before = known[role];
    if (before !== undefined && (await works(before))) continue;
    tokens[role] = await api.createToken({ name: `demo ${role}`, role });
  }
  await write(dataDir, tokens);
  return tokens;
}

async function read(dataDir: string): Promise<DemoTokens | null> {
  try {
    return JSON.parse(await readFile(fileOf(dataDir), 'utf8')) as DemoTokens;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function write(dataDir: string, tokens: DemoTokens): Promise<void> {
  await writeFile(fileOf(dataDir), `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
}
