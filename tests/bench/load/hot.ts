import { mkdtempSync } from 'node:fs';
import { EmbeddedBroker } from '../../../src/broker/broker.js';
import { listen } from '../../../src/broker/listen.js';
import { type IngestedEntry, IngestService } from '../../../src/ingest/ingest.js';
import { QuarantineStore } from '../../../src/ingest/quarantine-store.js';
import { migrations as im } from '../../../src/ingest/schema.js';
import { openJournal } from '../../../src/journal/open.js';
import { migrations as jm } from '../../../src/journal/schema.js';
import { openState } from '../../../src/state/open.js';

const dir = mkdtempSync('/tmp/hot-');
const state = openState(`${dir}/p.sqlite`, { journal: jm, ingest: im });
const journal = openJournal<IngestedEntry>(state, console.error);
const f = journal.follow('x', 0);
journal.onCommitted((b) => {
  if (b.seq % 64 === 0) f.released = b.seq - 64;
});
const ingest = new IngestService({
  journal,
  devices: { admit: () => null },
  quarantine: new QuarantineStore(state),
  clock: Date.now,
});
const broker = await EmbeddedBroker.start({
  clock: Date.now,
  ingest,
  onRefused: (r) => console.error(r),
  gateways: {
    async signIn(id: string) {
      return { id, park: id.match(/^load-(.*)-\d+$/)?.[1] ?? id } as never;
    },
    seen() {},
    setOnline() {},
    onRevoked() {},
  },
});
const l = await listen(broker, { host: '127.0.0.1', port: 0 }, 1e6);
console.log(JSON.stringify({ port: Number(new URL(l.mqtt).port) }));
let last = 0;
setInterval(() => {
  const s = state.stats.commits;
  console.error(ingest.stats.messages, 'commits/s', s - last, state.stats.lastCommitMs.toFixed(2));
  last = s;
}, 1000);
process.once('SIGTERM', () => process.exit(0));
