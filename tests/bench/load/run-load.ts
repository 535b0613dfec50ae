import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadPhase, LoadResult } from './job.js';

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
/** Sign-in, drain and start of the process, beyond the job's own time. */
const GRACE_MS = 60_000;

/** A load process under way. */
export interface RunningLoad {
  readonly result: Promise<LoadResult>;
  /** Resolves when the phase begins; rejects when the process fails before. */
  reached(phase: LoadPhase): Promise<void>;
}

type Answer = { readonly phase: LoadPhase } | { readonly result: LoadResult } | { readonly error: string };

/** Runs the job in a process of its own, so that it shares no event loop with what is measured. */
export function startLoad(job: LoadJob): RunningLoad {
  const child = fork(ENTRY, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const seen = new Set<LoadPhase>();
  const waiting = new Map<LoadPhase, () => void>();
  const result = new Promise<LoadResult>((resolve, reject) => {
    const timer = setTimeout(
      () => {
        child.kill('SIGKILL');
        reject(new Error('the load process did not end in time'));
      },
      job.warmUpMs + job.durationMs + GRACE_MS,
    );
    child.on('message', (answer: Answer) => {
      if ('result' in answer) resolve(answer.result);
      else if ('error' in answer) reject(new Error(answer.error));
      else {
        seen.add(answer.phase);
        waiting.get(answer.phase)?.();
      }
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the load process ended with ${signal ?? code} before it had a result`));
    });
    child.once('error', reject);
  });
  result.catch(() => {});
  child.send(job);
  return {
    result,
    reached: (phase) =>
      seen.has(phase)
        ? Promise.resolve()
        : Promise.race([new Promise<void>((resolve) => waiting.set(phase, resolve)), result.then(() => {})]),
  };
}
