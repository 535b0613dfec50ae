import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseDuration, readOptions, simulateCommand } from '../../../simulators/options.js';
import { SCENARIO_NAMES } from '../../../simulators/scenario/index.js';

/** The command as on the command line, what it prints kept instead of shown. */
function read(...argv: string[]) {
  const printed: string[] = [];
  const command = simulateCommand().configureOutput({
    writeOut: (text) => printed.push(text),
    writeErr: (text) => printed.push(text),
  });
  try {
    return { options: readOptions(argv, command), printed: printed.join('') };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode, printed: printed.join('') };
  }
}

const CREDENTIALS = ['--credentials', 'gateways.json'];

describe('the command line of the simulators', () => {
  it('fills in what is not given', () => {
    expect(read(...CREDENTIALS).options).toMatchObject({
      broker: 'mqtt://127.0.0.1:1883',
      seed: 1,
      interval: 10,
      scenario: [],
      scenarioTime: 120_000,
      live: true,
      check: false,
    });
  });

  it('reads every option', () => {
    const { options } = read(
      ...['--broker', 'mqtts://broker.example:8883', '--api', 'http://localhost:8080', '--admin-token', 'x'],
      ...['--save-credentials', 'out.json', '--parks', 'oh-diandu, lc-dezheng', '--seed', '42', '--rate', '500'],
      ...['--duration', '90s', '--scenario', 'fire,crowd', '--backfill', '30d', '--truth', 'truth.ndjson'],
    );
    expect(options).toMatchObject({
      broker: 'mqtts://broker.example:8883',
      api: 'http://localhost:8080',
      adminToken: 'x',
      saveCredentials: 'out.json',
      parks: ['oh-diandu', 'lc-dezheng'],
      seed: 42,
      rate: 500,
      duration: 90_000,
      scenario: ['fire', 'crowd'],
      backfill: 30 * 86_400_000,
      truth: 'truth.ndjson',
    });
  });

  it.each<[name: string, argv: string[], message: string]>([
    ['no credentials', [], 'give --api with an administrator token, or --credentials'],
    ['an unknown option', [...CREDENTIALS, '--flood'], "unknown option '--flood'"],
    ['a broker of another protocol', [...CREDENTIALS, '--broker', 'http://x'], 'starts with mqtt://'],
    ['a wrong address of the API', ['--api', 'localhost'], 'starts with http://'],
    ['two sources of credentials', [...CREDENTIALS, '--api', 'http://x'], 'cannot be used with'],
    ['interval and rate', [...CREDENTIALS, '--rate', '1', '--interval', '1'], 'cannot be used with'],
    ['a rate of zero', [...CREDENTIALS, '--rate', '0'], 'a number above 0'],
    ['an unknown scenario', [...CREDENTIALS, '--scenario', 'flood'], SCENARIO_NAMES.join(', ')],
    ['a wrong duration', [...CREDENTIALS, '--duration', '5 weeks'], 'a time above 0 such as 30s'],
    ['a wrong park', [...CREDENTIALS, '--parks', 'A_B'], 'park ids between commas'],
    ['a seed with a fraction', [...CREDENTIALS, '--seed', '1.5'], 'a whole number'],
    ['nothing to do', [...CREDENTIALS, '--no-live'], 'leaves nothing to do'],
    [
      'a scenario without live data',
      [...CREDENTIALS, '--no-live', '--backfill', '1d', '--scenario', 'fire'],
      '--no-live',
    ],
    ['credentials saved from nowhere', [...CREDENTIALS, '--save-credentials', 'x'], 'needs --api'],
    ['a check of nobody', [...CREDENTIALS, '--check'], '--check needs --api'],
    [
      'a check without live data',
      ['--api', 'http://x', '--admin-token', 'x', '--no-live', '--backfill', '1d', '--check'],
      '--check compares what happens in live data',
    ],
    ['words that are no options', [...CREDENTIALS, 'fire'], 'too many arguments'],
  ])('says what is wrong with %s', (_name, argv, message) => {
    const { options, printed } = read(...argv);
    expect(options).toBeUndefined();
    expect(printed).toContain(message);
  });

  it('lists every option and scenario in its help', () => {
    const { exitCode, printed } = read('--help');
    expect(exitCode).toBe(0);
    for (const { long } of simulateCommand().options) expect(printed).toContain(long);
    for (const name of SCENARIO_NAMES) expect(printed).toContain(name);
  });

  it.each([
    ['250ms', 250],
    ['45', 45_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
  ])('takes %s for %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});
