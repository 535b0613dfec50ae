import type { Language } from '../../../model/language.js';
import { html, type Markup } from './html.js';

/** Words of one language. */
export type Say = (zh: string, en: string) => string;

const VERDICTS = {
  on_track: ['达标', 'On track'],
  at_risk: ['有风险', 'At risk'],
  off_track: ['落后', 'Off track'],
  not_assessable: ['暂不可评', 'Not assessable'],
} as const;
/** A verdict: its shape and its word. */
export const verdictMark = (verdict: keyof typeof VERDICTS, lang: Language): Markup =>
  html`<span class="verdict ${verdict}">${VERDICTS[verdict][lang === 'zh' ? 0 : 1]}</span>`;
