import { join } from 'node:path';
import { DEFAULT_RULES } from '../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../src/alarms/model/rule/rule.js';
import type { SignalSpec } from '../../src/alarms/model/signal/spec.js';
import { migrations as alarmTables } from '../../src/alarms/schema.js';
import { migrations as quarantineTables } from '../../src/ingest/schema.js';
import { migrations as journalTables } from '../../src/journal/schema.js';
import { migrations as registryTables } from '../../src/registry/schema.js';
import { openState } from '../../src/state/open.js';
import { metric } from '../e2e/helpers/api.js';
import { type Broker, startServiceBroker } from './brokers.js';
import { loadGateways } from './load/topology.js';
import { atLeast, type BenchOptions, type BenchResult, type Figure, median, readable } from './report.js';
import { mainCpuPerMessage, type Round, remarksOn, runRound } from './round.js';

const BENCH = 'rules';
const TARGET_WATCHED = 50_000;
const TARGET_RATE = 20_000;
const TARGET_SHARE = 0.85;
const COUNTER = 'import_energy_kwh';
const METRICS = [
  'active_power_kw',
  'reactive_power_kvar',
  'power_factor',
  'voltage_a_v',
  'voltage_b_v',
  'voltage_c_v',
  'current_a_a',
  'current_b_a',
  'current_c_a',
  COUNTER,
];
/** Of the eight rules on every metric seven are limits, and one folds its readings, in turn by one of these signals. */
const LIMITS = 7;
const FOLDS: readonly SignalSpec[] = [
  { kind: 'rate', windowS: 60, per: 'minute', direction: 'rise' },
  { kind: 'unchanged' },
  { kind: 'bad_share', windowS: 600, minReadings: 10 },
];
const COUNTER_FOLD: SignalSpec = { kind: 'counter_still' };
/** No value that the load sends comes near it. */
const NEVER = 1e9;

/** What watching 50,000 rules × series costs of ingest: the service with them beside one without any, in turn. */
export async function benchRules(options: BenchOptions): Promise<BenchResult> {
  const gateways = loadGateways(2, 20);
  const brokers: Broker[] = [];
  const remarks: string[] = [];
  try {
    const none = await startServiceBroker(gateways, { name: 'no rules', prepare: (dir) => seed(dir, []) });
    brokers.push(none);
    const many = await startServiceBroker(gateways, { name: 'many rules', prepare: (dir) => seed(dir, manyRules()) });
    brokers.push(many);
    const rounds = new Map<string, Round[]>(brokers.map(({ name }) => [name, []]));
    const count = options.quick ? 1 : 3;
    for (let i = 0; i < count; i += 1) {
      for (const broker of i % 2 === 0 ? brokers : brokers.toReversed()) {
        const round = await runRound(broker, { kind: 'closed' }, options.quick ? 5_000 : 15_000);
        rounds.get(broker.name)!.push(round);
        remarks.push(...remarksOn(broker.name, round));
        options.progress(
          `round ${i + 1} of ${count}: ${broker.name} ${readable(round.messagesPerSecond)} messages/s, ` +
            `${readable(mainCpuPerMessage(round))} µs of its main thread a message`,
        );
      }
    }
    const offered = new Map<string, Round>();
    for (const broker of brokers) {
      const mode = { kind: 'open', messagesPerSecond: TARGET_RATE } as const;
      const round = await runRound(broker, mode, options.quick ? 5_000 : 20_000);
      offered.set(broker.name, round);
      remarks.push(...remarksOn(broker.name, round));
      options.progress(`at ${readable(TARGET_RATE)}/s: ${broker.name} ${readable(round.messagesPerSecond)} messages/s`);
    }
    const watched = (await metric(many.service, 'park_alarms_conditions')) ?? Number.NaN;
    const middle = (broker: Broker, pick: (round: Round) => number) => median(rounds.get(broker.name)!.map(pick));
    const rate = ({ messagesPerSecond }: Round) => messagesPerSecond;
    return {
      figures: [
        { ...figure('watched: rules × series', watched, ''), target: atLeast(TARGET_WATCHED) },
        {
          ...figure(
            `at ${readable(TARGET_RATE)}/s offered: many rules ÷ no rules`,
            rate(offered.get(many.name)!) / rate(offered.get(none.name)!),
            '',
          ),
          target: atLeast(TARGET_SHARE),
        },
        ...[none, many].map((broker) => {
          const { p50, p99 } = offered.get(broker.name)!;
          return {
            ...figure(`at ${readable(TARGET_RATE)}/s offered: ${broker.name}: PUBACK p99`, p99, 'ms'),
            note: `p50 ${readable(p50)}`,
          };
        }),
        figure('flat out: no rules: messages', middle(none, rate), '1/s'),
        { ...figure('flat out: many rules: messages', middle(many, rate), '1/s'), target: atLeast(TARGET_RATE) },
        {
          ...figure('flat out: many rules ÷ no rules', middle(many, rate) / middle(none, rate), ''),
          note: `main thread a message ${readable(middle(none, mainCpuPerMessage))} and ${readable(middle(many, mainCpuPerMessage))} µs`,
        },
      ],
      remarks: [...new Set(remarks)],
    };
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

/** Puts these rules in force on an empty data folder, and the defaults out of it. */
function seed(dataDir: string, rules: readonly AlarmRule[]): void {
  const state = openState(join(dataDir, 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    ingest: quarantineTables,
    alarms: alarmTables,
  });
  const insert = state.db.prepare('INSERT INTO alarm_rules (rule, version, origin, body) VALUES (?, ?, ?, ?)');
  const off = DEFAULT_RULES.map((rule) => ({ ...rule, enabled: false, version: rule.version + 1 }));
  for (const rule of [...off, ...rules]) insert.run(rule.id, rule.version, 'edited', JSON.stringify(rule));
  state.close();
}

function manyRules(): AlarmRule[] {
  const base = DEFAULT_RULES.find((rule) => rule.domain === 'energy' && rule.limitProfile === null)!;
  return METRICS.flatMap((key, place) => {
    const fold = key === COUNTER ? COUNTER_FOLD : FOLDS[place % FOLDS.length]!;
    const signals: readonly SignalSpec[] = [
      ...Array.from({ length: LIMITS }, () => ({ kind: 'value' }) as const),
      fold,
    ];
    return signals.map((signal, n): AlarmRule => {
      const id = `bench-${key.replaceAll('_', '-')}-${n}`;
      const level = { name: 'alarm', setpoint: NEVER, deadband: 0, priority: 'low' } as const;
      const comparison = { side: 'high', inclusive: false, levels: [level] } as const;
      return { ...base, id, family: id, metric: key, signal, comparison, schedule: null, suppressedBy: [] };
    });
  });
}

const figure = (name: string, value: number, unit: string): Figure => ({ bench: BENCH, name, value, unit });
