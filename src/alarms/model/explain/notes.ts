import type { Text } from '../rule/rule.js';

/** Limits of an explanation: stable codes for programs, sentences for people. */
export const NOTES = {
  not_replayable: {
    zh: '该规则的输入由服务自身测得或由时钟产生，不作为读数保存，只能按记录说明。',
    en: 'What this rule judges is measured by the service itself or made by the clock and is not stored as readings; only the record tells of it.',
  },
  inputs_not_kept: {
    zh: '该时段早于原始读数的保存期限，部分或全部输入已不在。',
    en: 'The period reaches back beyond the time for which raw readings are kept: some or all inputs are gone.',
  },
  inputs_missing: {
    zh: '记录中有由读数引起的事件，但历史库中没有该时段的读数。',
    en: 'The record has events that readings brought about, but the history has no readings of the period.',
  },
  arrived_later: {
    zh: '有读数在决定之后才到达；此处列出它们，但当时并未参与判断，并可能覆盖了当时的值。',
    en: 'Some readings arrived after the decision: they are shown, did not count then, and may have replaced what did.',
  },
  differs: {
    zh: '重放结果与记录不一致：当时的输入已被更正、覆盖、不再保存或尚未入库。以记录为准。',
    en: 'The replay differs from the record: inputs were corrected, replaced, are no longer kept or are not in the history yet. The record holds.',
  },
  shortened: {
    zh: '该时段读数过多，只重放到报警之后不久。',
    en: 'The occurrence has too many readings; it was replayed until shortly after the alarm was raised.',
  },
  runs_left: { zh: '变化过多，只列出前面的部分。', en: 'There are too many changes; only the first are listed.' },
  events_left: {
    zh: '事件过多，只考虑了前面的部分。',
    en: 'There are too many events; only the first were considered.',
  },
} as const satisfies Readonly<Record<string, Text>>;
export type NoteCode = keyof typeof NOTES;
