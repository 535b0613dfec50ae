import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problem } from '../problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a table of thousands of rows; see `tableRoute`. */
    largeBody?: boolean;
  }
}

/** What one JSON body may hold. */
interface BodyLimits {
  readonly bytes: number;
  /** Members of objects and elements of arrays, in all. */
  readonly values: number;
}

/** Of most routes; a thousand ids fit. */
const USUAL: BodyLimits = { bytes: 256 * 1024, values: 4_000 };
/** Of a table: 5,000 rows of ten values. */
const LARGE: BodyLimits = { bytes: 1024 * 1024, values: 50_000 };
const MAX_DEPTH = 16;
/** Of one object; no schema has as many. */
const MAX_MEMBERS = 200;

/**
 * Bounds JSON bodies before any work is done for them: bytes while they are received, then depth, members and elements in
 * one pass over the text, as parsing and checking what they hold would keep all other requests waiting. Routes added
 * after this have the bounds.
 */
export function boundJsonBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= limitsOf(route.config).bytes;
  });
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request: FastifyRequest, body: string, done) => {
    try {
      checkShape(body, limitsOf(request.routeOptions.config).values);
    } catch (error) {
      done(error as Error);
      return;
    }
    parse(request, body, done);
  });
}

const limitsOf = (config: { readonly largeBody?: boolean } | undefined) => (config?.largeBody ? LARGE : USUAL);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** Looks at the text alone; what is no JSON is for the parser to say. @throws ProblemError 413 beyond a bound */
function checkShape(text: string, mostValues: number): void {
  // The members so far of what is open, outermost first; NaN for an array, which only the sum of all bounds.
  const open: number[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) open.pop();
    else if (code === COMMA || code === OPEN_ARRAY || code === OPEN_OBJECT) {
      values += 1;
      if (code !== COMMA) open.push(code === OPEN_OBJECT ? 1 : Number.NaN);
      else if (open.length > 0) open[open.length - 1]! += 1;
      if (values > mostValues) throw tooMuch(`more than ${mostValues} members and elements`, mostValues);
      if (open.length > MAX_DEPTH) throw tooMuch(`more than ${MAX_DEPTH} levels`, MAX_DEPTH);
      if (open[open.length - 1]! > MAX_MEMBERS) {
        throw tooMuch(`an object of more than ${MAX_MEMBERS} members`, MAX_MEMBERS);
      }
    }
  }
}

/** The closing quote; the text's end where there is none. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

const tooMuch = (what: string, limit: number) =>
  problem(413, 'body_too_complex', `the body has ${what}; send it in parts`, { limit });
