import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WorkerClient } from '../../../../src/historian/main-thread/client.js';
import { HistorianStuckError } from '../../../../src/historian/port/errors.js';
import { tempDir } from '../../../helpers/temp.js';

/** A client of a thread that runs `code`, and the events that it reported. */
function running(code: string, closeMs?: number) {
  const file = join(tempDir(), 'thread.mjs');
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${code}`);
  const heard: string[] = [];
  const client = new WorkerClient(
    new URL(`file://${file}`),
    {
      statePath: '',
      journalAddress: '',
      store: { kind: 'lake', folder: '' },
      rawDays: 1,
      timeZone: 'UTC',
      queryTimeoutMs: 1,
      countedSeq: 0,
    },
    {
      onStatus: () => void heard.push('status'),
      onWarning: (message) => void heard.push(message),
      onTurnedAway: () => void heard.push('turned away'),
      onLate: () => void heard.push('late'),
      onCrash: (error) => void heard.push(`crash: ${error.message}`),
      keepRefused: () => Promise.reject(new Error('full')),
    },
    closeMs,
  );
  return { client, heard };
}

const OPEN = "parentPort.postMessage({ type: 'open', durableSeq: 7 });";

describe('WorkerClient', () => {
  it('leaves a thread alone that does not end when it is asked to, and says so', async () => {
    const go = join(tempDir(), 'go');
    const { client, heard } = running(
      `import { existsSync } from 'node:fs';
       ${OPEN} parentPort.once('message', () => { while (!existsSync(${JSON.stringify(go)})); });`,
      50,
    );
    expect(await client.ready).toBe(7);
    await expect(client.close()).rejects.toThrow(HistorianStuckError);
    writeFileSync(go, '');
    await client.gone;
    expect(heard).toEqual([]);
  });

  it('tells of a crash once, fails the questions under way, and takes no more', async () => {
    const { client, heard } = running(
      `${OPEN} parentPort.on('message', () => {
         parentPort.postMessage({ type: 'crashed', failure: { name: 'Error', message: 'broken', stack: '' } });
         parentPort.postMessage({ type: 'warning', message: 'too late' });
         setTimeout(() => { throw new Error('broken again'); });
       });`,
    );
    await client.ready;
    const asked = client.ask({ kind: 'latest', query: {} }, 0);
    await expect(asked.next()).rejects.toThrow('history cannot be read just now: broken');
    await client.gone;
    expect(heard).toEqual(['crash: broken']);
    await expect(client.ask({ kind: 'latest', query: {} }, 0).next()).rejects.toThrow('broken');
    await client.close();
  });

  it('tells the thread why refused readings could not be kept', async () => {
    const { client, heard } = running(
      `parentPort.on('message', (message) => {
         if (message.type === 'close') parentPort.close();
         else parentPort.postMessage({ type: 'warning', message: message.error });
       });
       ${OPEN} parentPort.postMessage({ type: 'refused', id: 1, refused: [] });`,
    );
    await client.ready;
    await expect.poll(() => heard).toContain('Error: full');
    await client.close();
  });
});
