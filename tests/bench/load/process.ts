/** The load process: takes one job over IPC, tells its phases, answers with its result, ends. Started by `startLoad`. */
import { generateLoad } from './generator.js';
import type { LoadJob } from './job.js';

// Whoever asked is gone.
process.once('disconnect', () => process.exit(0));

process.once('message', (job: LoadJob) => {
  generateLoad(job, (phase) => process.send?.({ phase })).then(
    (result) => process.send?.({ result }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.disconnect()),
  );
});
