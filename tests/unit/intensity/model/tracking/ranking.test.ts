import { expect, it } from 'vitest';
import { type Ranked, ranking } from '../../../../../src/intensity/model/tracking/ranking.js';

it('the greatest decline first, ties share a place, what is not assessable comes last', () => {
  const scopes: Ranked[] = [
    { scope: 'z', verdict: 'not_assessable', decline: 0.09 },
    { scope: 'd', verdict: 'at_risk', decline: 0.04 },
    { scope: 'c', verdict: 'on_track', decline: 0.05 },
    { scope: 'b', verdict: 'on_track', decline: 0.05 },
    { scope: 'e', verdict: 'off_track', decline: -0.01 },
    { scope: 'a', verdict: 'on_track', decline: 0.06 },
    { scope: 'y', verdict: 'on_track', decline: null },
  ];
  expect(ranking(scopes).map(({ scope, place }) => [scope, place])).toEqual([
    ...[
      ['a', 1],
      ['b', 2],
      ['c', 2],
      ['d', 4],
      ['e', 5],
    ],
    ...[
      ['y', null],
      ['z', null],
    ],
  ]);
});
