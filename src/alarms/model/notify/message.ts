import type { Language } from '../../../model/language.js';
import type { WriteTime } from '../../../model/time/rfc3339.js';
import type { Priority } from '../class.js';
import type { Text } from '../rule/rule.js';
import type { NotifiedAlarm } from './event.js';

/** One notification about an alarm event, for any channel. */
export interface Notice {
  /** The same at every attempt: receivers detect duplicates by it. */
  readonly id: string;
  /** `raised`, `level_raised`, `re_alarmed`, `escalated`, `cleared`…, or `test`. */
  readonly event: string;
  /** Escalation level; 0 at the end and in tests. */
  readonly level: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly alarm: NotifiedAlarm;
}

const PRIORITY: Readonly<Record<Priority, Text>> = {
  low: { zh: '低', en: 'LOW' },
  medium: { zh: '中', en: 'MEDIUM' },
  high: { zh: '高', en: 'HIGH' },
  critical: { zh: '紧急', en: 'CRITICAL' },
};

const WORDS = {
  zh: { park: '园区', place: '位置', device: '设备', value: '数值', setpoint: '设定值', time: '时间', advice: '处置' },
  en: {
    ...{ park: 'Park', place: 'Place', device: 'Device', value: 'Value', setpoint: 'Setpoint' },
    ...{ time: 'Time', advice: 'Response' },
  },
} as const;

export interface MessageContext {
  readonly language: Language;
  readonly time: WriteTime;
  /** The park's name; undefined when unknown. */
  readonly parkName: (park: string) => Text | undefined;
}

/** One line: subject of a mail, head of a robot's message. */
export function titleOf(notice: Notice, language: Language): string {
  const { alarm, event, level } = notice;
  const message = oneLine(alarm.message[language]);
  const zh = language === 'zh';
  const priority = PRIORITY[alarm.priority][language];
  if (event === 'test') return zh ? `【测试】${message}` : `[TEST] ${message}`;
  if (event === 'cleared') return zh ? `【恢复】${message}` : `[CLEARED] ${message}`;
  if (event === 'escalated') {
    return zh
      ? `【${priority}】【第${level}级升级】${message}`
      : `[${priority}] [ESCALATED TO LEVEL ${level}] ${message}`;
  }
  return zh ? `【${priority}】${message}` : `[${priority}] ${message}`;
}

/** The message as plain text in lines, the title first. */
export function textOf(notice: Notice, { language, time, parkName }: MessageContext): string {
  const { alarm } = notice;
  const words = WORDS[language];
  const line = (word: keyof typeof words, text: string | null) =>
    text === null || text === '' ? [] : [`${words[word]}${language === 'zh' ? '：' : ': '}${oneLine(text)}`];
  const park = alarm.park === null ? null : (parkName(alarm.park)?.[language] ?? alarm.park);
  const standing = standingOf(notice, language);
  return [
    titleOf(notice, language),
    ...line('park', park),
    ...line('place', alarm.place),
    ...line('device', alarm.device),
    ...(notice.event === 'test'
      ? []
      : [...line('value', `${alarm.value ?? '–'}`), ...line('setpoint', `${alarm.setpoint}`)]),
    ...line('time', time(notice.at)),
    ...(notice.event === 'cleared' ? [] : line('advice', alarm.advice[language])),
    ...(standing === null ? [] : [standing]),
  ].join('\n');
}

function standingOf({ event, alarm }: Notice, language: Language): string | null {
  if (event === 'test' || event === 'cleared' || !alarm.unacknowledged) return null;
  if (alarm.active) return language === 'zh' ? '尚未确认' : 'Not acknowledged';
  return language === 'zh' ? '已恢复正常，尚未确认' : 'Back to normal, not acknowledged';
}

/** Texts come from rules and the registry: a line break in one must not add a line to the message. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** Cuts text to a number of bytes in UTF-8 without splitting a character. */
export function clipBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > most) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
