import { describe, expect, it } from 'vitest';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { RuleIndex, type RuleSubject } from '../../../../../src/alarms/model/rule/select.js';
import { COD } from '../helpers.js';

const outlet: RuleSubject = { id: 'ww-1', park: 'oh-diandu', domain: 'wastewater', limitProfile: null };
const rule = (id: string, more: Partial<AlarmRule>): AlarmRule => ({ ...COD, id, ...more });
const select = (rules: readonly AlarmRule[], subject: Partial<RuleSubject> = {}, metric = 'cod_mg_l') =>
  new RuleIndex(rules).select({ ...outlet, ...subject }, metric).map(({ id }) => id);

describe('the rules for a subject', () => {
  it('are those of its domain and metric that are enabled', () => {
    const rules = [rule('on', {}), rule('off', { enabled: false }), rule('other', { metric: 'ph' })];
    expect(select(rules)).toEqual(['on']);
    expect(select(rules, {}, 'ph')).toEqual(['other']);
    expect(select(rules, { domain: 'fire' })).toEqual([]);
  });

  it('may be limited to parks, to devices, or to both', () => {
    const rules = [
      rule('all', {}),
      rule('park', { parks: ['oh-diandu', 'lc-juguang'] }),
      rule('elsewhere', { parks: ['lc-juguang'] }),
      rule('device', { devices: ['ww-1'] }),
      rule('both', { parks: ['oh-diandu'], devices: ['ww-1'] }),
      rule('never', { parks: ['lc-juguang'], devices: ['ww-1'] }),
    ];
    expect(select(rules)).toEqual(['all', 'park', 'device', 'both']);
    expect(select(rules, { id: 'ww-2' })).toEqual(['all', 'park']);
    expect(select(rules, { park: 'lc-juguang', id: 'x' })).toEqual(['all', 'park', 'elsewhere']);
    expect(select(rules, { park: null, id: 'x' })).toEqual(['all']);
  });

  it('are of each family those of its limit profile, and where there are none the general ones', () => {
    const rules = [
      rule('general', { family: 'cod' }),
      rule('plating', { family: 'cod', limitProfile: 'electroplating' }),
      rule('plating-night', { family: 'cod', limitProfile: 'electroplating' }),
      rule('stuck', { family: 'stuck' }),
    ];
    expect(select(rules)).toEqual(['general', 'stuck']);
    expect(select(rules, { limitProfile: 'electroplating' })).toEqual(['plating', 'plating-night', 'stuck']);
    expect(select(rules, { limitProfile: 'dyeing' })).toEqual(['general', 'stuck']);
  });

  it('give way in a family only to rules that are for the subject at all', () => {
    const rules = [
      rule('general', { family: 'cod' }),
      rule('plating', { family: 'cod', limitProfile: 'electroplating', parks: ['lc-juguang'] }),
    ];
    expect(select(rules, { limitProfile: 'electroplating' })).toEqual(['general']);
    expect(select(rules, { limitProfile: 'electroplating', park: 'lc-juguang' })).toEqual(['plating']);
  });

  it('listen to every metric that votes, each once', () => {
    const member = { side: 'high', setpoint: 1, inclusive: true } as const;
    const vote = rule('vote', {
      metric: 'cod_mg_l',
      signal: {
        kind: 'vote',
        scope: 'device',
        members: [
          { ...member, metric: 'cod_mg_l' },
          { ...member, metric: 'ph' },
          { ...member, metric: 'ph', side: 'low' },
        ],
      },
    });
    expect(select([vote])).toEqual(['vote']);
    expect(select([vote], {}, 'ph')).toEqual(['vote']);
    expect(select([vote], {}, 'tn_mg_l')).toEqual([]);
  });
});
