import type { Reporter, TestModule } from 'vitest/node';

/** Names every test that was skipped at the end of the output: what did not run is never silent. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap((one) => [...one.children.allTests('skipped')].map(({ fullName }) => fullName));
    if (names.length > 0) process.stdout.write(`\n Not run:\n${names.map((name) => `  ↓ ${name}\n`).join('')}`);
  }
}
