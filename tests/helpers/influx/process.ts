import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

const STOP_MS = 10_000;
const OUTPUT_LINES = 50;

/** A server as a child process; it never outlives this one. */
export class ServerProcess {
  /** How it ended, else null. */
  ended: string | null = null;
  /** Its newest lines. */
  readonly output: string[] = [];
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;

  constructor(command: readonly string[]) {
    const [file = '', ...args] = [...dieWithParent(), ...command];
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const atExit = () => this.child.kill('SIGKILL');
    process.once('exit', atExit);
    this.exited = new Promise((resolve) => {
      const end = (why: string) => {
        this.ended ??= why;
        process.off('exit', atExit);
        resolve();
      };
      this.child.once('error', (error) => end(`the server did not start: ${error.message}`));
      this.child.once('exit', (code, signal) => end(`the server ended with ${signal ?? code}`));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output.push(...text.trimEnd().split('\n'));
        this.output.splice(0, this.output.length - OUTPUT_LINES);
      });
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves once it is gone; a process that does not mind SIGTERM is killed. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.ended !== null) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.exited;
    clearTimeout(late);
  }
}

let prefix: readonly string[] | null = null;

/** Where Linux can, the kernel ends the server even when this process is killed: nothing is left behind. */
function dieWithParent(): readonly string[] {
  if (prefix) return prefix;
  try {
    execFileSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' });
    prefix = ['setpriv', '--pdeathsig', 'KILL', '--'];
  } catch {
    prefix = [];
  }
  return prefix;
}
