import cliProgress from 'cli-progress';

/** Shows the progress of long work: a bar on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

const LINE_EVERY_MS = 5_000;

export function progressOn(
  stream: NodeJS.WriteStream | NodeJS.WritableStream,
  title: string,
  total: number,
  now: () => number,
): Progress {
  return 'isTTY' in stream && stream.isTTY ? bar(stream, title, total) : lines(stream, title, total, now);
}

function bar(stream: NodeJS.WritableStream, title: string, total: number): Progress {
  const format = `${title} [{bar}] {percentage} % | {note} | {eta_formatted} left`;
  const shown = new cliProgress.SingleBar({ stream, format, hideCursor: true }, cliProgress.Presets.shades_classic);
  shown.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => shown.update(done, { note }),
    stop: () => shown.stop(),
  };
}

function lines(stream: NodeJS.WritableStream, title: string, total: number, now: () => number): Progress {
  let last = now();
  let shown = -1;
  let state = { done: 0, note: '' };
  const print = () => {
    if (state.done === shown) return;
    shown = state.done;
    stream.write(`${title} ${Math.floor((100 * state.done) / Math.max(1, total))} % ${state.note}\n`);
  };
  return {
    update(done, note = '') {
      state = { done, note };
      if (now() - last < LINE_EVERY_MS) return;
      last = now();
      print();
    },
    stop: print,
  };
}
