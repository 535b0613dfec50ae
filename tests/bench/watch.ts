import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const INTERVAL_MS = 500;
const MB = 1e6;
const ticksPerSecond = () => Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
let hertz: number | undefined;

interface Sample {
  readonly at: number;
  /** Resident memory, MB (10⁶ bytes). */
  readonly rss: number;
  /** CPU seconds of the whole process, and of its main thread alone. */
  readonly cpu: number;
  readonly mainCpu: number;
}

/** What a process used over a stretch of time. CPU in cores; memory in MB. */
export interface ProcessUse {
  readonly cpu: number;
  readonly mainThreadCpu: number;
  readonly rssStart: number;
  readonly rssMiddle: number;
  readonly rssEnd: number;
  readonly rssMax: number;
  /** Least-squares slope of the second half, MB per minute: growth that start-up does not explain. */
  readonly rssSlope: number;
}

/** Follows a process through `/proc` until `stop`; Linux only. */
export function watchProcess(pid: number): { stop(): ProcessUse } {
  const samples: Sample[] = [takeSample(pid)];
  const timer = setInterval(() => samples.push(takeSample(pid)), INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      samples.push(takeSample(pid));
      return summarise(samples);
    },
  };
}

function takeSample(pid: number): Sample {
  return {
    at: performance.now() / 1000,
    rss: residentMegabytes(pid),
    cpu: cpuSeconds(`/proc/${pid}/stat`),
    mainCpu: cpuSeconds(`/proc/${pid}/task/${pid}/stat`),
  };
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / MB;
}

/** utime and stime, fields 14 and 15 of proc(5); the command before them may hold spaces. */
function cpuSeconds(path: string): number {
  hertz ??= ticksPerSecond();
  const fields = readFileSync(path, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / hertz;
}

function summarise(samples: readonly Sample[]): ProcessUse {
  const first = samples[0] as Sample;
  const last = samples.at(-1) as Sample;
  const seconds = last.at - first.at;
  const half = samples.slice(Math.floor(samples.length / 2));
  return {
    cpu: (last.cpu - first.cpu) / seconds,
    mainThreadCpu: (last.mainCpu - first.mainCpu) / seconds,
    rssStart: first.rss,
    rssMiddle: (half[0] as Sample).rss,
    rssEnd: last.rss,
    rssMax: Math.max(...samples.map((sample) => sample.rss)),
    rssSlope: 60 * slope(half),
  };
}

function slope(samples: readonly Sample[]): number {
  const n = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / n;
  const meanRss = samples.reduce((sum, { rss }) => sum + rss, 0) / n;
  const above = samples.reduce((sum, { at, rss }) => sum + (at - meanAt) * (rss - meanRss), 0);
  const below = samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

/** Cores that the whole machine uses until `stop`; Linux only. */
export function watchMachine(): { stop(): number } {
  const busySeconds = () => {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
    hertz ??= ticksPerSecond();
    return (user + nice + system + irq + softirq + steal) / hertz;
  };
  const [startedAt, before] = [performance.now(), busySeconds()];
  return { stop: () => (busySeconds() - before) / ((performance.now() - startedAt) / 1000) };
}

/** Resolves once the process uses less than a twentieth of a core for a second; false when it never does in time. */
export async function untilIdle(pid: number, timeoutMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs;
  while (performance.now() < giveUpAt) {
    const before = cpuSeconds(`/proc/${pid}/stat`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (cpuSeconds(`/proc/${pid}/stat`) - before < 0.05) return true;
  }
  return false;
}
