/** How certain a fact is: `V` read in the official text or recomputed, `S` quoted elsewhere, `C` taken from code, `M` from memory: set it. */
export const MARKS = ['V', 'S', 'C', 'M'] as const;
export type Mark = (typeof MARKS)[number];
export const MARK_LABELS: Readonly<Record<Mark, { readonly zh: string; readonly en: string }>> = {
  V: { zh: '已核对原文或复算', en: 'read in the official text or recomputed' },
  S: { zh: '引自其他来源', en: 'quoted elsewhere' },
  C: { zh: '取自程序代码', en: 'taken from code' },
  M: { zh: '凭记忆，须由用户设定', en: 'from memory: to be set by the site' },
};
