import { z } from 'zod';
import { configSchema } from '../../src/config.js';

const BEGIN = '<!-- configuration: begin -->';
const END = '<!-- configuration: end -->';

/** The README's table of environment variables, from the schema of the configuration. */
export function configTable(): string {
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'input' });
  const rows = Object.entries(properties).map(([name, property]) => {
    const { description = '', default: preset } = property as { description?: string; default?: unknown };
    return `| \`${name}\` | ${preset === undefined ? '–' : `\`${preset}\``} | ${description} |`;
  });
  return ['| variable | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** Returns the README with its table replaced. */
export function withConfigTable(readme: string, table: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the README has lost ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}
