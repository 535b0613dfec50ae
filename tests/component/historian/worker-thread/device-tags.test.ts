import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deviceKey } from '../../../../src/model/ids.js';
import { openRegistry } from '../../../../src/registry/open.js';
import { openDeviceTags } from '../../../../src/registry/reader-port.js';
import { migrations } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';

const PARK = 'oh-diandu';

async function opened() {
  const path = join(tempDir(), 'park.sqlite');
  const state = openState(path, { registry: migrations });
  const registry = openRegistry(state, { clock: () => 0, discovery: true });
  for (const id of ['acme', 'other']) registry.putEnterprise({ id, park: PARK, nameZh: id, nameEn: id }, 'test');
  let now = 0;
  const tags = openDeviceTags(path, () => now);
  onTestFinished(() => {
    registry.close();
    state.close();
  });
  const put = (enterprise: string | null) =>
    registry.putDevice({ id: 'm-1', park: PARK, domain: 'energy', enterprise }, 'test');
  return { tags, put, path, pass: (ms: number) => (now += ms) };
}

describe('where a device belongs, for the historian', () => {
  it('is read from the registry, and empty where that does not know', async () => {
    const { tags, put } = await opened();
    expect(tags.tagsOf(deviceKey('nowhere', 'm-1'))).toEqual({ district: '', enterprise: '' });
    put('acme');
    expect(tags.tagsOf(deviceKey(PARK, 'm-1'))).toEqual({ district: 'ouhai', enterprise: 'acme' });
    expect(tags.tagsOf(deviceKey(PARK, 'm-2'))).toEqual({ district: 'ouhai', enterprise: '' });
    tags.close();
  });

  it('is seen anew after two seconds, and not asked for before', async () => {
    const { tags, put, pass } = await opened();
    put('acme');
    expect(tags.tagsOf(deviceKey(PARK, 'm-1')).enterprise).toBe('acme');
    put('other');
    pass(2_000);
    expect(tags.tagsOf(deviceKey(PARK, 'm-1')).enterprise).toBe('acme');
    pass(1);
    expect(tags.tagsOf(deviceKey(PARK, 'm-1')).enterprise).toBe('other');
    put(null);
    pass(2_001);
    expect(tags.tagsOf(deviceKey(PARK, 'm-1')).enterprise).toBe('');
    tags.close();
  });

  it('needs the state file to be there, and lets go of it', async () => {
    expect(() => openDeviceTags(join(tempDir(), 'none.sqlite'))).toThrow();
    const { tags } = await opened();
    tags.close();
    expect(() => tags.tagsOf(deviceKey(PARK, 'm-1'))).toThrow();
  });
});
