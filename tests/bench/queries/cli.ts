/** `node --import tsx tests/bench/queries/cli.ts [--rows 50000000] [--dir …]`: the query benchmark alone. */
import { parseArgs } from 'node:util';
import { table } from '../report.js';
import { benchQueries } from './index.js';

const { values } = parseArgs({ options: { rows: { type: 'string' }, dir: { type: 'string' } } });
const bench = await benchQueries({
  quick: false,
  progress: (text) => console.error(text),
  ...(values.rows !== undefined && { rows: Number(values.rows) }),
  ...(values.dir !== undefined && { dir: values.dir }),
});
console.log(table(bench.figures));
for (const remark of bench.remarks) console.log(`• ${remark}`);
if (values.dir === undefined) await bench.dispose();
