import { principalOf, READERS } from '../../http/auth/access.js';
import { negotiate } from '../../http/negotiate.js';
import { ofHistory, route, routes } from '../../http/route.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { type AnswerDeps, answerRaw, answerVersions, answerWindows } from './answer.js';
import { PARQUET } from './formats/parquet.js';
import { MEDIA_TYPES } from './formats/renderings.js';
import { rangeOf, refuseCombinations, withinBounds } from './rules.js';
import {
  MAX_RAW_READINGS,
  MAX_STREAMED_READINGS,
  MAX_WINDOWS,
  readingsAnswer,
  readingsCsv,
  readingsParquet,
  readingsQuery,
} from './schemas.js';
import { resolveSeries } from './series.js';

type ReadingsDeps = Pick<ApiDeps, 'registry' | 'timeZone'> & AnswerDeps;

/** `GET /readings`: raw readings or windows of them, as JSON, CSV or Parquet. */
export function readingsRoutes(deps: ReadingsDeps) {
  const zone = new TimeZone(deps.timeZone);
  return routes((app) => {
    app.get(
      '/readings',
      ofHistory(
        route(READERS, 'readings', 'Readings of one or more series: raw, or in windows', {
          description:
            `JSON, CSV with \`Accept: text/csv\`, or Parquet with \`Accept: ${PARQUET}\`. One answer holds at most ` +
            `${MAX_WINDOWS} windows, or ${MAX_RAW_READINGS} raw readings as JSON and ${MAX_STREAMED_READINGS} as CSV and ` +
            `Parquet; with \`points\` it may be made from ${MAX_STREAMED_READINGS}. ` +
            'An answer whose connection breaks is not whole. Where files of history are damaged, the answer is made of the rest, and ' +
            'the header History-Incomplete, in JSON `incomplete` too, says from when to when readings may be missing. Raw readings are kept for some time (PARK_RAW_DAYS); windows of ' +
            'whole hours and longer are answered from before that too.',
          querystring: readingsQuery,
          response: {
            200: {
              description: 'The readings',
              content: {
                'application/json': { schema: readingsAnswer },
                'text/csv': { schema: readingsCsv },
                [PARQUET]: { schema: readingsParquet },
              },
            },
          },
        }),
      ),
      async (request, reply) => {
        const { query } = request;
        const type = negotiate(request.headers.accept, MEDIA_TYPES);
        refuseCombinations(query, type);
        const range = rangeOf(query, deps.clock());
        return withinBounds(async () => {
          const series = await resolveSeries(request, deps, query.device, query.metric, query.park);
          const missing = () => deps.historian.missing?.(range.from, range.to) ?? [];
          const by = principalOf(request).id;
          const asked = { ...range, by, zone, missing, query, series, type };
          if (query.versions) return answerVersions(reply, deps, asked);
          return query.every ? answerWindows(reply, deps, asked, query.every) : answerRaw(reply, deps, asked);
        });
      },
    );
  });
}
