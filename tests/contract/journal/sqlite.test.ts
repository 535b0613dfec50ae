import { join } from 'node:path';
import { openJournal } from '../../../src/journal/open.js';
import { migrations } from '../../../src/journal/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { journalConformance } from './suite.js';

/** Another adapter gets a file like this one. */
journalConformance('the state file', () => {
  const path = join(tempDir(), 'park.sqlite');
  return {
    open({ followers, onListenerError }) {
      const state = openState(path, { journal: migrations });
      return { journal: openJournal(state, onListenerError, { followers }), close: () => state.close() };
    },
  };
});
