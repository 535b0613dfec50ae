/** The load process: takes one job over IPC, answers with its result, ends. Started by `runLoad`. */
import { generateLoad } from './generator.js';
import type { LoadJob } from './job.js';

process.once('message', (job: LoadJob) => {
  generateLoad(job).then(
    (result) => process.send?.({ result }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.disconnect()),
  );
});
