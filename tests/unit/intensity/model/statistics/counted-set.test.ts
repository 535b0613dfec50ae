import { describe, expect, it } from 'vitest';
import { checkingSets, setChange, setKey } from '../../../../../src/intensity/model/statistics/counted-set.js';
import { inOneGo } from '../../../../../src/intensity/model/steps.js';

const firms = new Set(['enterprise:a', 'enterprise:b']);
const set = (members: readonly string[], year = 2026) => ({ scope: 'park:p', year, members });

describe('the counted set of a year', () => {
  it('has a key by scope and year', () => expect(setKey(set([]))).toBe('park:p 2026'));

  it.each([
    ['an enterprise twice', [set(['enterprise:a', 'enterprise:a'])], ['sets.0.members.1']],
    ['an enterprise of another park', [set(['enterprise:a', 'enterprise:z'])], ['sets.0.members.1']],
    ['nobody', [set([])], ['sets.0.members']],
    ['the same year twice', [set(['enterprise:a']), set(['enterprise:b'])], ['sets.1.year']],
    ['nothing wrong', [set(['enterprise:a']), set(['enterprise:b'], 2025)], []],
  ])('%s', (_, sets, fields) => {
    expect(inOneGo(checkingSets(sets, () => firms)).map(({ field }) => field)).toEqual(fields);
  });

  it('tells who entered and who left', () => {
    expect(setChange(['a', 'b'], ['b', 'c'])).toEqual({ entered: ['a'], left: ['c'] });
  });
});
