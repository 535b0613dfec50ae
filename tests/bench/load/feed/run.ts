import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FeedAnswer, FeedJob, FeedOrder, FeedResult } from './job.js';

const ENTRY = fileURLToPath(new URL('./clients.ts', import.meta.url));
const ANSWER_MS = 90_000;

/** Feed clients under way in a process of their own. */
export interface FeedClientsProcess {
  start(): Promise<void>;
  /** Resolves once every client has `expected` messages of this stretch, or has waited long enough. */
  stop(expected: number): Promise<FeedResult>;
  end(): void;
}

/** Resolves once all clients are subscribed. */
export async function startFeedClients(job: FeedJob): Promise<FeedClientsProcess> {
  const child = fork(ENTRY, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ask = (order: FeedOrder) =>
    new Promise<FeedAnswer>((resolve, reject) => {
      const onExit = (code: number | null) => settle(() => reject(new Error(`the feed clients ended with ${code}`)));
      const onMessage = (answer: FeedAnswer) =>
        settle(() => ('error' in answer ? reject(new Error(answer.error)) : resolve(answer)));
      const timer = setTimeout(() => settle(() => reject(new Error('the feed clients do not answer'))), ANSWER_MS);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        child.off('exit', onExit);
        child.off('message', onMessage);
        then();
      };
      child.once('exit', onExit);
      child.once('message', onMessage);
      child.send(order);
    });
  const end = () => {
    child.kill('SIGTERM');
  };
  try {
    await ask({ job });
  } catch (error) {
    end();
    throw error;
  }
  return {
    async start() {
      await ask({ order: 'start' });
    },
    async stop(expected) {
      const answer = await ask({ order: 'stop', expected });
      if (!('result' in answer)) throw new Error('the feed clients gave no result');
      return answer.result;
    },
    end,
  };
}
