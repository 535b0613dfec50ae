import type { WriteTime } from '../../../model/time/rfc3339.js';
import { signalUnit } from '../metric.js';
import type { AlarmRule, Text } from '../rule/rule.js';
import type { SuppressionName } from '../state.js';
import type { Findings, FoundTransition } from './findings.js';
import type { SuppressionSpan } from './suppression.js';
import type { ExplanationVerdict } from './verdict.js';

interface ExplainedFacts {
  readonly verdict: ExplanationVerdict;
  readonly rule: AlarmRule | null;
  readonly findings: Findings;
  readonly spans: readonly SuppressionSpan[];
  readonly time: WriteTime;
}

const SUPPRESSED: Readonly<Record<SuppressionName, Text>> = {
  shelved: { zh: '已被搁置', en: 'it was shelved' },
  suppressed_by_design: { zh: '已被按设计抑制', en: 'it was suppressed by design' },
  out_of_service: { zh: '已停用', en: 'it was out of service' },
};

/** Why the alarm was raised, or was not, in one or two sentences per language. */
export function explanationInWords(told: ExplainedFacts): Text {
  const { rule, verdict } = told;
  if (rule === null) return { zh: '该时段内没有生效的规则。', en: 'No rule was in force in this period.' };
  if (verdict === 'not_evaluated') {
    return {
      zh: '该时段没有可供判断的已存读数：设备未上报，或读数已超过保存期限。',
      en: 'There are no stored readings of this period to judge: none came, or they are no longer kept.',
    };
  }
  const parts = verdict === 'not_raised' ? reasonsAgainst(told, rule) : raisedParts(told, rule);
  return { zh: parts.map(({ zh }) => zh).join(''), en: parts.map(({ en }) => en).join(' ') };
}

function raisedParts({ verdict, findings, spans, time }: ExplainedFacts, rule: AlarmRule): Text[] {
  const raised = findings.transitions.find(({ kind }) => kind === 'raised');
  const parts: Text[] = [];
  if (raised === undefined) {
    parts.push({ zh: '报警在该时段之前就已存在。', en: 'The alarm had been raised before this period.' });
  } else {
    parts.push(raise(raised, rule, time));
  }
  const up = findings.transitions.find(({ kind }) => kind === 'level_raised');
  if (up !== undefined) {
    const value = number(up.value, rule);
    parts.push({
      zh: `${time(up.at)}达到${value}，升级为“${up.name}”。`,
      en: `With ${value} it rose to the level "${up.name}" at ${time(up.at)}.`,
    });
  }
  if (verdict === 'suppressed') parts.push(...spans.slice(0, 3).map((span) => suppressed(span, time)));
  const ended = findings.transitions.findLast(({ kind }) => kind === 'cleared');
  const last = findings.transitions.at(-1);
  if (ended !== undefined && ended === last) {
    parts.push({ zh: `${time(ended.at)}恢复正常。`, en: `It ended at ${time(ended.at)}.` });
  }
  return parts;
}

function raise(
  { value, setpoint, name, since, at, ruleVersion }: FoundTransition,
  rule: AlarmRule,
  time: WriteTime,
): Text {
  const [measured, bound] = [number(value, rule), number(setpoint, rule)];
  const heldS = Math.round((at - since) / 1_000);
  const how = beyond(rule);
  const delay =
    heldS === 0
      ? { zh: `，${time(at)}立即报警`, en: `, and the alarm was raised at once at ${time(at)}` }
      : {
          zh: `，自${time(since)}起持续${heldS}秒，${time(at)}报警`,
          en: ` since ${time(since)}; after ${heldS} s, at ${time(at)}, the alarm was raised`,
        };
  return {
    zh: `测得${measured}，${how.zh}设定值${bound}（“${name}”）${delay.zh}（规则第${ruleVersion}版）。`,
    en: `${measured} ${how.en} the setpoint ${bound} (level "${name}")${delay.en} (version ${ruleVersion} of the rule).`,
  };
}

function suppressed({ kind, from, to, why, cause }: SuppressionSpan, time: WriteTime): Text {
  const { zh, en } = SUPPRESSED[kind];
  const since = from === null ? { zh: '', en: '' } : { zh: `自${time(from)}起`, en: ` from ${time(from)}` };
  const until = to === null ? { zh: '', en: '' } : { zh: `至${time(to)}`, en: ` to ${time(to)}` };
  const reason = cause ?? why;
  const because = reason === null || reason === '' ? { zh: '', en: '' } : { zh: `（${reason}）`, en: ` (${reason})` };
  return {
    zh: `${since.zh}${until.zh}${zh}${because.zh}，因此未提示操作员。`,
    en: `But ${en}${since.en}${until.en}${because.en}, so it did not ask for attention.`,
  };
}

function reasonsAgainst({ findings }: ExplainedFacts, rule: AlarmRule): Text[] {
  const least = rule.comparison.levels[0]!;
  const bound = number(least.setpoint, rule);
  const delayS = Math.min(...rule.comparison.levels.map((level) => level.onDelayS ?? rule.onDelayS));
  const how = beyond(rule);
  const parts: Text[] = [{ zh: '该时段没有报警。', en: 'There was no alarm in this period.' }];
  const { longestMs, gaps, late, noEvidence, outsideSchedule, outOfOrder, extreme, inputs } = findings;
  if (longestMs !== null) {
    const heldS = Math.round(longestMs / 1_000);
    parts.push({
      zh: `测量值${how.zh}设定值${bound}最长持续${heldS}秒，而报警延时为${delayS}秒。`,
      en: `The value was beyond the setpoint ${bound} for ${heldS} s at most; the on-delay is ${delayS} s.`,
    });
  }
  const say = (count: number, zh: string, en: string) => {
    if (count > 0) parts.push({ zh: `${count}${zh}`, en: `${count} ${en}` });
  };
  say(gaps, '次因数据中断而重新计时。', 'time(s) the delay began anew after a gap in the data.');
  say(
    late,
    '个超限读数迟到超过2分钟，只入库不报警。',
    'reading(s) beyond it came more than 2 minutes late and raise nothing.',
  );
  say(
    noEvidence,
    '个超限读数质量不合格，不作为依据。',
    'reading(s) beyond it were not of good quality and count for nothing.',
  );
  say(outsideSchedule, '个超限读数不在规则的时段内。', 'reading(s) beyond it were outside the hours of the rule.');
  say(outOfOrder, '个超限读数晚于更新的读数到达。', 'reading(s) beyond it arrived after newer ones had been judged.');
  if (parts.length === 1) {
    const seen = extreme === null ? '–' : number(extreme, rule);
    const furthest = rule.comparison.side === 'low' ? { zh: '最低', en: 'lowest' } : { zh: '最高', en: 'highest' };
    parts.push({
      zh: `${inputs}个读数中${furthest.zh}为${seen}，未达到设定值${bound}。`,
      en: `The ${furthest.en} of ${inputs} reading(s) was ${seen}; the setpoint is ${bound}.`,
    });
  }
  return parts;
}

function beyond({ comparison: { side, inclusive } }: AlarmRule): Text {
  if (side === 'equal') return { zh: '等于', en: 'is' };
  if (side === 'high') return inclusive ? { zh: '达到', en: 'reached' } : { zh: '超过', en: 'was above' };
  return inclusive ? { zh: '降至', en: 'fell to' } : { zh: '低于', en: 'was below' };
}

function number(value: number, rule: AlarmRule): string {
  const unit = signalUnit(rule);
  return `${Number(value.toPrecision(6))}${unit === '' ? '' : ` ${unit}`}`;
}
