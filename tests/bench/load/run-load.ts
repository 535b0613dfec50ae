import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadResult } from './job.js';

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
/** Sign-in, drain and start of the process, beyond the job's own time. */
const GRACE_MS = 60_000;

/** A load process under way. `pid` is for watching its share of the machine. */
export interface RunningLoad {
  readonly pid: number | undefined;
  readonly result: Promise<LoadResult>;
}

/** Runs the job in a process of its own, so that it shares no event loop with what is measured. */
export function startLoad(job: LoadJob): RunningLoad {
  const child = fork(ENTRY, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const result = new Promise<LoadResult>((resolve, reject) => {
    const timer = setTimeout(
      () => {
        child.kill('SIGKILL');
        reject(new Error('the load process did not end in time'));
      },
      job.warmUpMs + job.durationMs + GRACE_MS,
    );
    child.once('message', (answer: { result?: LoadResult; error?: string }) => {
      if (answer.result) resolve(answer.result);
      else reject(new Error(answer.error ?? 'the load process gave no result'));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the load process ended with ${signal ?? code} before it had a result`));
    });
    child.once('error', reject);
  });
  child.send(job);
  return { pid: child.pid, result };
}

export const runLoad = (job: LoadJob): Promise<LoadResult> => startLoad(job).result;
