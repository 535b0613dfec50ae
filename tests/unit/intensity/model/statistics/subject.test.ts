import { describe, expect, it } from 'vitest';
import {
  enterpriseSubject,
  parseSubject,
  parseSumScope,
} from '../../../../../src/intensity/model/statistics/subject.js';

describe('subjects and scopes', () => {
  it('are read as they are written', () => {
    expect(parseSubject('park:oh-diandu')).toEqual({ kind: 'park', park: 'oh-diandu' });
    expect(parseSubject(enterpriseSubject('oh-diandu', 'e-1'))).toEqual({
      ...{ kind: 'enterprise', park: 'oh-diandu', enterprise: 'e-1' },
    });
    expect(['city', 'district:ouhai', 'park:oh-diandu'].map(parseSumScope)).toEqual([
      { kind: 'city' },
      { kind: 'district', district: 'ouhai' },
      { kind: 'park', park: 'oh-diandu' },
    ]);
  });

  it.each(['', 'park:', 'park:A', 'park:a/b', 'enterprise:a', 'enterprise:a/', 'enterprise:a/b/c', 'city', 'park:a b'])(
    'are no subject: %j',
    (text) => expect(parseSubject(text)).toBeNull(),
  );

  it.each(['', 'city ', 'district:', 'park:a/b', 'enterprise:a/b', 'City'])('are no scope: %j', (text) =>
    expect(parseSumScope(text)).toBeNull(),
  );
});
