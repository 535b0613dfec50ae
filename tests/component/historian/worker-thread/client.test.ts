import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WorkerClient } from '../../../../src/historian/main-thread/client.js';
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
  it('ends a thread that is stuck when it is asked to end', async () => {
    const { client, heard } = running(`${OPEN} parentPort.on('message', () => { for (;;) {} });`, 50);
    expect(await client.ready).toBe(7);
    await client.close();
    expect(heard).toEqual(["the historian's thread did not end within 0.05 s and is ended"]);
  });

  it('ends while its thread is still opening the store', async () => {
    const { client } = running('await new Promise(() => setInterval(() => undefined, 1_000));', 50);
    client.ready.catch(() => undefined);
    await client.close();
    await expect(client.ready).rejects.toThrow('ended');
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
      `parentPort.on('message', (message) => parentPort.postMessage({ type: 'warning', message: message.error }));
       ${OPEN} parentPort.postMessage({ type: 'refused', id: 1, refused: [] });`,
      50,
    );
    await client.ready;
    await expect.poll(() => heard).toContain('Error: full');
    await client.close();
  });
});
