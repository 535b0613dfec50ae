import type { FieldError } from '../../../../model/field-error.js';
import type { AlarmRule } from '../rule.js';

/** Most characters of what people read. */
const TEXT_LIMITS = { text: 200, level: 40, standard: 100, clause: 200 } as const;

const CONTROL = /\p{Cc}/u;

/** What is wrong with what people read. */
export function textProblems({ message, advice, source, comparison }: AlarmRule): FieldError[] {
  const texts: readonly (readonly [field: string, text: string, most: number])[] = [
    ['message.zh', message.zh, TEXT_LIMITS.text],
    ['message.en', message.en, TEXT_LIMITS.text],
    ['advice.zh', advice.zh, TEXT_LIMITS.text],
    ['advice.en', advice.en, TEXT_LIMITS.text],
    ['source.standard', source.standard, TEXT_LIMITS.standard],
    ['source.clause', source.clause, TEXT_LIMITS.clause],
    ...comparison.levels.flatMap(({ message: own }, place) =>
      (['zh', 'en'] as const).map(
        (language) =>
          [`comparison.levels.${place}.message.${language}`, own?.[language] ?? '-', TEXT_LIMITS.text] as const,
      ),
    ),
    ...comparison.levels.map(
      ({ name }, place) => [`comparison.levels.${place}.name`, name, TEXT_LIMITS.level] as const,
    ),
  ];
  return texts
    .filter(([, text, most]) => text.trim() === '' || text.length > most || CONTROL.test(text))
    .map(([field, , most]) => ({ field, expected: `1 to ${most} characters on one line` }));
}
