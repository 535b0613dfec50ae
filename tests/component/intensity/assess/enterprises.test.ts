import { describe, expect, it } from 'vitest';
import { publicationKey } from '../../../../src/intensity/model/tracking/publication.js';
import { addedValueOf, type Firm, statistic, statisticsOf, world } from './world.js';

const FIRM: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const OTHER: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
const SCOPE = { kind: 'enterprise', park: 'oh-diandu', id: 'good' } as const;
const QUESTION = { scope: SCOPE, carrier: 'energy', year: 2026 } as const;

describe('verdicts of enterprises', () => {
  it('are published with what they rested on, told again when that changes, and answered as known then', async () => {
    const { room, time, ledgers, addFirm, put, putPolicy, putSets } = world();
    putPolicy();
    addFirm(FIRM);
    addFirm(OTHER);
    // One that publishes statistics and has no meter.
    put(statisticsOf({ member: 'enterprise:oh-diandu/paper', size: 1, decline: 0 }));
    putSets('park:oh-diandu', [FIRM.member, OTHER.member]);
    await room.publish();
    const first = room.told(QUESTION, 'latest');
    const now = await room.now(QUESTION);
    expect(first?.assessment.verdict).toEqual(now.assessment.verdict);
    expect(first?.assessment.figure?.value).toBe(now.assessment.figure?.value);
    expect(first?.basis).toEqual(now.basis);
    expect(first?.assessment.months.map(({ quantity }) => quantity)).toEqual(
      now.assessment.months.map(({ quantity }) => quantity),
    );
    const paper = { ...QUESTION, scope: { ...SCOPE, id: 'paper' } };
    expect(room.told(paper, 'latest')).toBeNull();
    const told = { time: time.now };

    put([statistic(FIRM.member, '2026-05', addedValueOf(FIRM, 2026, 5) * 3)]);
    time.now += 1_000;
    await room.publish();
    time.now += 4_000;
    await room.publish();
    const second = room.told(QUESTION, 'latest');
    expect(second!.assessment.figure!.value).toBeLessThan(first!.assessment.figure!.value!);
    expect(second!.basis.statistics).toBe(first!.basis.statistics + 1);
    expect(room.told(QUESTION, told)).toEqual(first);
    // The other firm's verdict stays as it was told.
    const key = publicationKey({ scope: OTHER.member, carrier: 'energy', year: 2026 });
    const versions = ledgers.publications.ledger.filter(({ items }) => items.has(key));
    expect(versions).toHaveLength(1);
  });
});
