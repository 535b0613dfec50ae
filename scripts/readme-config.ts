import { readFileSync, writeFileSync } from 'node:fs';
import { configTable, withConfigTable } from './readme-config/table.js';

const README = 'README.md';

/** Writes the configuration table of the README from the schema: `npm run docs:config`. */
writeFileSync(README, withConfigTable(readFileSync(README, 'utf8'), configTable()));
