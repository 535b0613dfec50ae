import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly profiles?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly environment: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly cpus?: number;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly restart?: string;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

export const COMPOSE_TEXT = readFileSync('docker-compose.yml', 'utf8');
/** As it is written, its variables not yet filled in. */
export const COMPOSE = parse(COMPOSE_TEXT, { merge: true }) as Compose;
export const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
export const ENV_EXAMPLE = readFileSync('.env.example', 'utf8');

/** The assignments of a `.env` file. */
export function assignments(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? '']];
    }),
  );
}

/** The variables that a text asks for, as `${NAME}` with or without a default or a message. */
export function asked(text: string): Set<string> {
  return new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name as string));
}

/** The text with its variables filled in, as compose does. @throws the variable's message where it is unset or empty */
export function filledIn(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{(\w+)(?::\?([^}]*))?\}/g, (_all, name: string, message?: string) => {
    const value = env.get(name) ?? '';
    if (value === '' && message !== undefined) throw new Error(`${name}: ${message}`);
    return value;
  });
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
