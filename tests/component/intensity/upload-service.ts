import { testApp } from '../../helpers/app.js';

/** 2026-11-23, 12:00 in Wenzhou. */
export const NOW = Date.parse('2026-11-23T12:00:00+08:00');
export const PARK = 'oh-diandu';
export const OTHER_PARK = 'lc-xiedu-1';
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
export const CSV = 'text/csv';
export const HEADER =
  'Park id,Enterprise id,Name,Period,"Added value, current prices (10⁴ CNY)","Added value, comparable prices (10⁴ CNY)",Price base year,Real growth (%),Status';

interface Sent {
  readonly type?: string;
  readonly dryRun?: boolean;
  readonly source?: string;
  readonly token?: string;
  readonly query?: string;
}

/** The whole service with two enterprises of one park, one of another, and operators of each. */
export async function uploadService(deps: { readonly requestMs?: number } = {}) {
  const service = await testApp({}, undefined, { clock: () => NOW, ...deps });
  const put = async (id: string, park: string, nameZh: string, nameEn = nameZh) => {
    const answer = await service.api(`/api/v1/enterprises/${id}?park=${park}`, {
      method: 'PUT',
      json: { park, nameZh, nameEn },
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  await put('e-1', PARK, '电镀一厂', 'Plating One');
  await put('e-2', PARK, '=1+1|厂', '@Two');
  await put('e-9', OTHER_PARK, '别家');
  const operator = async (parks: string[], role = 'operator') => {
    const answer = await service.api('/api/v1/tokens', { method: 'POST', json: { name: 'x', role, parks } });
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { token: string }).token;
  };
  /** Sends a file. */
  const upload = async (
    file: string | Uint8Array,
    { type = CSV, dryRun = false, source = 'f.csv', token, query = '' }: Sent = {},
  ) => {
    const answer = await service.api(
      `/api/v1/statistics/upload?dryRun=${dryRun}&source=${encodeURIComponent(source)}${query}`,
      {
        method: 'POST',
        headers: { 'content-type': type },
        body: file,
        ...(token !== undefined && { token }),
      },
    );
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
    return { status: answer.status, body: (await answer.json()) as any };
  };
  const recorded = async () => (await service.get('/api/v1/statistics')).items;
  return { ...service, operator, upload, recorded };
}

/** A CSV file with the header and these lines. */
export const csv = (...lines: string[]) => `${[HEADER, ...lines].join('\r\n')}\r\n`;
