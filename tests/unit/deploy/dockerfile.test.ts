import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPOSE, DOCKERFILE } from './files.js';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Instructions with their continued lines joined, comments left out. */
function instructions(text: string): Instruction[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      return name === undefined ? [] : [{ name, rest: rest ?? '' }];
    });
}

const all = instructions(DOCKERFILE);
const froms = all.flatMap(({ name, rest }, at) => (name === 'FROM' ? [{ at, rest }] : []));
const last = all.slice((froms.at(-1)?.at ?? 0) + 1);
const only = (name: string) => last.filter((one) => one.name === name).map(({ rest }) => rest);

describe('the Dockerfile', () => {
  it('builds in one stage and runs in a smaller one, both of one pinned Node that the package takes', () => {
    expect(froms).toHaveLength(2);
    const [, build] = /^node:([\d.]+)-bookworm AS build$/.exec(froms[0]?.rest ?? '') ?? [];
    const [, run] = /^node:([\d.]+)-bookworm-slim$/.exec(froms[1]?.rest ?? '') ?? [];
    expect(build).toMatch(/^\d+\.\d+\.\d+$/);
    expect(run).toBe(build);
    const major = Number(build?.split('.')[0]);
    expect(major).toBeGreaterThanOrEqual(20);
    // Even majors get long-term support.
    expect(major % 2).toBe(0);
  });

  it('takes the locked packages, and only those of production along', () => {
    const runs = all.filter(({ name }) => name === 'RUN').map(({ rest }) => rest);
    expect(runs.some((rest) => rest.startsWith('npm ci'))).toBe(true);
    expect(runs.some((rest) => rest.includes('npm prune --omit=dev'))).toBe(true);
    expect(only('COPY').every((rest) => rest.startsWith('--from=build '))).toBe(true);
  });

  it('does not run as root, ends on SIGTERM, and says whether it works', () => {
    expect(only('USER')).toEqual(['node']);
    const at = (name: string) => last.findIndex((one) => one.name === name);
    expect(at('USER')).toBeLessThan(at('CMD'));
    expect(only('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(only('HEALTHCHECK')[0]).toContain('/health/live');
    expect(only('VOLUME')).toEqual([COMPOSE.services.park?.environment.PARK_DATA_DIR]);
  });

  it('starts the built service without a shell between, so that signals reach it', () => {
    expect(JSON.parse(only('CMD')[0] ?? '')).toEqual(['node', 'dist/src/server.js']);
    expect(only('ENTRYPOINT')).toEqual([]);
  });

  it('finds in its context all that it copies, and nothing it does not', () => {
    const kept = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = all
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    expect([...kept].sort()).toEqual([...copied].sort());
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  });
});
