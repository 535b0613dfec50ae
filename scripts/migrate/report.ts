import { type Progress, progressOn } from '../../simulators/progress.js';
import type { MoveEvent } from '../../src/historian/move/move.js';

/** Reports the progress of a move. */
export class MoveReport {
  private bar: Progress | null = null;
  private checking = false;

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(event: MoveEvent): void {
    switch (event.kind) {
      case 'begin':
        if (event.changed) this.out.write('the source has changed since the move was broken off: it begins anew\n');
        if (event.resumed) this.out.write('going on where the move was broken off\n');
        this.bar = progressOn(this.out, 'days  ', event.days, Date.now);
        break;
      case 'copied':
        this.bar?.update(event.days, `${event.readings.toLocaleString('en')} readings`);
        break;
      case 'rollups':
        this.end();
        this.out.write('roll-ups\n');
        break;
      case 'check':
        if (!this.checking) this.bar = progressOn(this.out, 'check ', event.series, Date.now);
        this.checking = true;
        this.bar?.update(event.done, 'series counted');
    }
  }

  /** Ends a progress line with a line break. */
  end(): void {
    this.bar?.stop();
    this.bar = null;
  }
}
