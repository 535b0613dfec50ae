import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import { WorkerClient } from '../../../../src/historian/main-thread/client.js';
import type { WorkerOptions } from '../../../../src/historian/worker-thread/protocol.js';
import { POWER, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, openLake } from '../lake/open-lake.js';
import { interrupted, slowly, slowThread } from './slow-native.js';
import { openSpine, WORKER } from './spine.js';

const ROW = { ...POWER, ts: T0, value: 1 };

/** Runs a script to its end. */
async function run(script: string, heard: 'stdout' | 'stderr') {
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', heard === 'stdout' ? 'pipe' : 'inherit', heard === 'stderr' ? 'pipe' : 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child[heard]!.on('data', (bytes) => {
    said += bytes;
  });
  const ended = await new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { ended, said };
}

describe('a store with native code that works for minutes', () => {
  it.each(['COPY', 'count(*) FROM hot_'])('ends a seal in its statement %s when it closes', async (statement) => {
    const store = await openLake(tempDir());
    await store.append([batch(1, ROW)]);
    const { begun } = slowly(statement);
    const sealed = store.flush().then(
      () => 'sealed',
      (error: Error) => error.message,
    );
    await begun;
    expect(store.holdsThread()).toBe(true);
    await store.end();
    expect(store.holdsThread()).toBe(false);
    expect(await sealed).toMatch(/Interrupted|closing/);
    expect(store.durableSeq()).toBe(0);
  });

  it('ends a statement that begins only after the first interrupt, which DuckDB ignores', async () => {
    const store = await openLake(tempDir());
    await store.append([batch(1, ROW)]);
    const asked = new AbortController();
    const { begun } = slowly('FROM', interrupted());
    const answer = (async () => {
      for await (const _ of store.raw({ series: [POWER], from: T0, to: T0 + 1, limit: 10 }, asked.signal));
    })().catch((error: Error) => error.message);
    await begun;
    asked.abort();
    await store.end();
    expect(await answer).toMatch(/Interrupted|abort|closing/i);
  });

  it('can be given up while it opens', async () => {
    const { begun } = slowly('SET parquet_metadata_cache');
    const store = new LakeStore({ folder: tempDir(), timeZone: 'UTC' });
    const opening = store.open().catch((error: Error) => error.message);
    await begun;
    store.giveUp();
    expect(await opening).toMatch(/Interrupted|closing/);
    expect(store.holdsThread()).toBe(false);
  });
});

/** Options of a thread on an empty data folder, and a file that runs it with slow statements. */
function slowOne(text: string, deaf = false) {
  const { dir, state, journal } = openSpine();
  const file = join(dir, 'slow.mjs');
  writeFileSync(file, slowThread(WORKER, text, deaf));
  const options: WorkerOptions = {
    statePath: state.path,
    journalAddress: journal.address,
    store: { kind: 'lake', folder: join(dir, 'lake') },
    rawDays: 400,
    timeZone: 'UTC',
    queryTimeoutMs: 60_000,
    countedSeq: 0,
  };
  return { dir, url: new URL(`file://${file}`), options };
}

describe("the historian's thread with native code that works for minutes", () => {
  it('ends in order while its store is opening', async () => {
    const { url, options } = slowOne('SET parquet_metadata_cache');
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const client = new WorkerClient(
      url,
      options,
      {
        onStatus: () => undefined,
        onWarning: (message) => message === 'begun' && begin(),
        onTurnedAway: () => undefined,
        onLate: () => undefined,
        onCrash: () => undefined,
        keepRefused: () => Promise.resolve(),
      },
      60_000,
    );
    client.ready.catch(() => undefined);
    await begun;
    await client.close();
    await expect(client.ready).rejects.toThrow(/Interrupted|closing/);
  });

  it('holds nobody up that does not return: all else is closed, and the process ends by its signal', async () => {
    const { dir, url, options } = slowOne('SET parquet_metadata_cache', true);
    const src = new URL('../../../../dist/src/', import.meta.url);
    const script = join(dir, 'service.mjs');
    writeFileSync(
      script,
      `import { Cleanup } from ${JSON.stringify(new URL('cleanup.js', src).href)};
       import { endService } from ${JSON.stringify(new URL('ending.js', src).href)};
       import { WorkerClient } from ${JSON.stringify(new URL('historian/main-thread/client.js', src).href)};
       const say = (words) => process.stdout.write(words + '\\n');
       const log = { info: (_, words) => say(words), error: ({ err }, words) => say(words + ': ' + (err.errors ?? [err])) };
       const cleanup = new Cleanup();
       const ignore = () => undefined;
       const events = { onStatus: ignore, onTurnedAway: ignore, onLate: ignore, onCrash: ignore, keepRefused: ignore };
       const onWarning = () => process.kill(process.pid, 'SIGTERM');
       const client = new WorkerClient(
         new URL(${JSON.stringify(url.href)}), ${JSON.stringify(options)}, { ...events, onWarning }, 50);
       client.ready.catch(ignore);
       cleanup.add(() => say('the state is closed'));
       cleanup.add(() => client.close());
       process.once('SIGTERM', () => endService({ close: () => cleanup.run() }, 'SIGTERM', log));`,
    );
    const { ended, said } = await run(script, 'stdout');
    expect(ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(said.trim().split('\n')).toEqual([
      'stopping',
      'the state is closed',
      "some parts did not stop cleanly: HistorianStuckError: the historian's thread did not end within 0.05 s",
    ]);
  });

  it('does not keep a start that fails from ending with its message and its code', async () => {
    const { dir, url, options } = slowOne('SET parquet_metadata_cache', true);
    const src = new URL('../../../../dist/src/', import.meta.url);
    const script = join(dir, 'service.mjs');
    // As `startApp` and `server.ts` do it: the port is in use while the store is being opened.
    writeFileSync(
      script,
      `import { Cleanup } from ${JSON.stringify(new URL('cleanup.js', src).href)};
       import { endFailedStart, UncleanStartError } from ${JSON.stringify(new URL('ending.js', src).href)};
       import { WorkerClient } from ${JSON.stringify(new URL('historian/main-thread/client.js', src).href)};
       const cleanup = new Cleanup();
       const ignore = () => undefined;
       const events = { onStatus: ignore, onTurnedAway: ignore, onLate: ignore, onCrash: ignore, keepRefused: ignore };
       const begun = new Promise((resolve) => { events.onWarning = resolve; });
       const client = new WorkerClient(new URL(${JSON.stringify(url.href)}), ${JSON.stringify(options)}, events, 50);
       client.ready.catch(ignore);
       cleanup.add(() => client.close());
       await begun;
       const error = Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 8080 });
       cleanup.run().then(
         () => endFailedStart(error),
         (cause) => endFailedStart(new UncleanStartError(error, { cause })),
       );`,
    );
    const { ended, said } = await run(script, 'stderr');
    expect(said).toBe('port 8080 is in use by another program\n');
    // Node.js 20 knows no way to give the code while a thread does not end.
    const canReplace = 'execve' in process;
    expect(ended).toEqual(canReplace ? { code: 2, signal: null } : { code: null, signal: 'SIGTERM' });
  });
});
