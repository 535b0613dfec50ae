import { readFileSync } from 'node:fs';

const DOC = new URL('../../../../docs/intensity-api.md', import.meta.url);
/** Of a budget that lasts they are null. */
const MAY_BE_NULL = new Set(['I.budget.spentOn', 'I.budget.runsOutOn']);

/** The paths by which docs/intensity-api.md says that the page is answered, such as `I.months[].quantity`. */
export const pathsOfPage = (): string[] => [
  ...new Set([...readFileSync(DOC, 'utf8').matchAll(/`([IRUC]\.[\w.[\]]+)`/g)].map(([, path]) => path!)),
];

/** Those of them that none of the answers has: by the letter of each, all answers of its kind. */
export function unanswered(answers: Readonly<Record<string, readonly unknown[]>>): string[] {
  return pathsOfPage().filter((path) => {
    const [letter = '', ...keys] = path.split('.');
    return !(answers[letter] ?? []).some((answer) => isThere(answer, keys, MAY_BE_NULL.has(path)));
  });
}

function isThere(at: unknown, [key, ...rest]: readonly string[], mayBeNull: boolean): boolean {
  if (key === undefined) return at !== undefined && (mayBeNull || at !== null);
  if (typeof at !== 'object' || at === null) return false;
  const isList = key.endsWith('[]');
  const next = (at as Readonly<Record<string, unknown>>)[isList ? key.slice(0, -2) : key];
  if (!isList) return isThere(next, rest, mayBeNull);
  return Array.isArray(next) && next.some((one) => isThere(one, rest, mayBeNull));
}
