import { DOMAINS, type Domain } from '../../../model/reading.js';
import { textsOf } from '../decode/answer-block.js';
import { ask, type InfluxSource } from '../influx-source.js';
import { DELAY, delayField, statusField } from '../schema.js';
import { fieldsOf, isName } from './statements.js';

/** The metrics that any device of a domain has ever reported. */
export class KnownMetrics {
  private readonly byDomain = new Map<Domain, Set<string>>(DOMAINS.map((domain) => [domain, new Set()]));

  add(domain: Domain, metric: string): void {
    this.byDomain.get(domain)!.add(metric);
  }

  /** In alphabetical order. */
  of(domain: Domain): string[] {
    return [...this.byDomain.get(domain)!].sort();
  }

  /** Adds the server's metrics. @throws InfluxError */
  async load(source: InfluxSource, signal?: AbortSignal): Promise<void> {
    for (const domain of DOMAINS) {
      const fields = new Set<string>();
      for await (const block of ask(source, fieldsOf(domain), signal)) {
        for (const field of textsOf(block, 'fieldKey')) if (field !== undefined) fields.add(field);
      }
      for (const metric of metricsAmong(fields)) this.add(domain, metric);
    }
  }
}

/** The fields without those that accompany a metric. */
export function metricsAmong(fields: ReadonlySet<string>): string[] {
  const beside = new Set([DELAY]);
  for (const field of fields) beside.add(statusField(field)).add(delayField(field));
  return [...fields].filter((field) => !beside.has(field) && isName(field));
}
