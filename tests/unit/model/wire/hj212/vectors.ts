/** Packets as they stand in the standard's appendices and in public samples, without the line end; CRCs recomputed. */
const MN = '010000A8900016F000169DC0';
const UP = (qn: string, cn: string, flag = 'Flag=5;') => `QN=${qn};ST=32;CN=${cn};PW=123456;MN=${MN};${flag}CP=&&`;
const DOWN = (cn: string, qn = '20160801085857223') => `QN=${qn};ST=91;CN=${cn};PW=123456;MN=${MN};Flag=4;CP=&&`;
const INTERVAL = (flow: string, cod: string) =>
  `w00000-Cou=${flow},w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N;w01001-Min=7.1,w01001-Avg=7.5,w01001-Max=7.8,w01001-Flag=N;w01018-Cou=${cod},w01018-Min=40.1,w01018-Avg=40.1,w01018-Max=40.1,w01018-Flag=N`;

export const PACKETS = {
  'appendix A, 1062': `##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=${MN};Flag=5;CP=&&RtdInterval=30&&1C80`,
  '2005 realtime':
    '##0139ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817000;B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N;060-Rtd=1.803,060-Flag=N&&4980',
  '2005 minute':
    '##0245ST=32;CN=2051;PW=123456;MN=12091200160055;CP=&&DataTime=20150430135700;B01-Min=895.13,B01-Avg=909.87,B01-Max=932.28,B01-Cou=54.59;011-Min=999.99,011-Avg=999.99,011-Max=999.99,011-Cou=54.59;060-Min=30.18,060-Avg=30.18,060-Max=30.18,060-Cou=1.65&&7640',
  'realtime with SampleTime':
    '##0457QN=20210320163101890;ST=32;CN=2011;PW=123456;MN=81733553213013;Flag=4;CP=&&DataTime=20210320013400;w00000-Rtd=181.682,w00000-Flag=N;w21001-SampleTime=20210320005400,w21001-Rtd=45.160,w21001-Flag=N;w21011-SampleTime=20210320013400,w21011-Rtd=1.970,w21011-Flag=N;w21003-SampleTime=20210320013400,w21003-Rtd=53.131,w21003-Flag=N;w01018-SampleTime=20210320013400,w01018-Rtd=194.200,w01018-Flag=N;w01001-SampleTime=20210320013406,w01001-Rtd=7.496,w01001-Flag=N&&6E80',
  'empty PW':
    '##0131QN=20200428011552615;ST=31;CN=2081;PW=;MN=MYHJ00000000000080011128;Flag=4;CP=&&DataTime=20200428011552;RestartTime=20200425120954&&47C0',
  '9011': `##0094${DOWN('9011')}QnRtn=1&&1B00`,
  '9012': `##0095${DOWN('9012')}ExeRtn=1&&6240`,
  '9013': `##0087${DOWN('9013')}&&2A80`,
  '9014': `##0087${DOWN('9014')}&&3240`,
  '2011': `##0218${UP('20160801085857223', '2011')}DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-SampleTime=20160801070000,w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01&&6E80`,
  '2051': `##0325${UP('20160801085000001', '2051')}DataTime=20160801084000;${INTERVAL('10.5', '10.5')}&&6180`,
  '2061': `##0325${UP('20160801090000001', '2061')}DataTime=20160801080000;${INTERVAL('63.0', '63.0')}&&B7C1`,
  '2031': `##0329${UP('20160802000000001', '2031')}DataTime=20160801000000;${INTERVAL('1512.0', '2142.0')}&&F781`,
  'part 1 of 2': `##0260${UP('20160801085857534', '2061', 'Flag=7;PNUM=2;PNO=1;')}DataTime=20160801080000;w00000-Cou=63.0,w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N;w01001-Min=7.1,w01001-Avg=7.5,w01001-Max=7.8,w01001-Flag=N&&D941`,
  'part 2 of 2': `##0201${UP('20160801085857535', '2061', 'Flag=7;PNUM=2;PNO=2;')}DataTime=20160801080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.1,w01018-Max=40.1,w01018-Flag=N&&E2C1`,
  '3019': `##0158${UP('20160801085857223', '3019')}DataTime=20160801085857;PolId=w01018;w01018-SN=010000A8900016F000169DC1&&E8C1`,
  '3020 in UTF-8': `##0152${UP('20160801085857223', '3020')}DataTime=20160801085857;PolId=w01018;i11001-Info=//清洗管路//&&9481`,
  'CRC with a leading zero': `##0087${DOWN('9014', '20240601085857000')}&&0CC0`,
  electroplating: `##0292${UP('20240601085857223', '2011')}DataTime=20240601085857;w00000-Rtd=12.50,w00000-Flag=N;w01001-Rtd=7.23,w01001-Flag=N;w20116-Rtd=0.412,w20116-Flag=N;w20117-Rtd=85.2,w20117-Flag=N;w20121-Rtd=0.26,w20121-Flag=T;w20122-Rtd=0.18,w20122-Flag=N&&EB01`,
  '2025, A.1': `##0087${UP('20240601085857223', '1011', 'Flag=9;')}&&2200`,
} as const;

export type PacketName = keyof typeof PACKETS;
export const NAMES = Object.keys(PACKETS) as PacketName[];

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const packet = (name: PacketName, end = '\r\n'): Uint8Array => bytesOf(`${PACKETS[name]}${end}`);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
