/** Colours and type of the console's design tokens, on paper: A4, page numbers, tables that keep their heads and rows. */
export const STYLE = `
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #69727d; } }
:root { --ink: #1c2126; --ink-2: #4d5661; --ink-3: #69727d; --line: #d5d9de; --line-strong: #aab1ba; --s1: #2f5f9e; --s2: #7b8794;
  --on-track: #3f6b53; --at-risk: #b26a00; --off-track: #b3261e; --unknown: #69727d; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 182mm; padding: 6mm 0; color: var(--ink); background: #fff; font: 9.5pt/1.45 Inter, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1, h2 { margin: 0; font-weight: 600; line-height: 1.25; } h1 { font-size: 17pt; } h2 { font-size: 11.5pt; margin: 6mm 0 2mm; break-after: avoid; }
.sub { color: var(--ink-2); font-size: 8.5pt; } p { margin: 1mm 0; } ul { margin: 1mm 0; padding-left: 1.2em; } li { break-inside: avoid; } ul.why li::marker { color: var(--ink-3); }
table { border-collapse: collapse; width: 100%; } thead { display: table-header-group; } tr { break-inside: avoid; } td { overflow-wrap: anywhere; }
th { text-align: left; font-weight: 500; color: var(--ink-2); font-size: 8pt; border-bottom: 1px solid var(--line-strong); } th, td { padding: .8mm 1.4mm; border-bottom: 1px solid var(--line); vertical-align: baseline; font-size: 8.5pt; }
.num { text-align: right; white-space: nowrap; } .verdict { display: inline-flex; align-items: center; gap: .35em; font-size: 14pt; font-weight: 600; } td .verdict { font-size: inherit; font-weight: 400; }
.verdict::before { content: ""; width: .7em; height: .7em; } .verdict.on_track::before { border: .16em solid var(--on-track); border-radius: 50%; } .verdict.at_risk::before { background: var(--at-risk); clip-path: polygon(50% 0, 100% 100%, 0 100%); } .verdict.off_track::before { background: var(--off-track); } .verdict.not_assessable::before { border-top: .16em dashed var(--unknown); height: 0; }
.facts { display: grid; grid-template-columns: repeat(3, 1fr); border-top: 1px solid var(--line); } .facts div { padding: 1mm 1mm 1mm 0; border-bottom: 1px solid var(--line); break-inside: avoid; } .facts span { display: block; color: var(--ink-2); font-size: 8pt; } .facts b { font-size: 11pt; font-weight: 600; } .facts em { font-style: normal; color: var(--ink-3); font-size: 7.5pt; margin-left: .3em; }
.mark { display: inline-block; border: 1px solid var(--line-strong); border-radius: 3px; font-size: 7.5pt; padding: 0 .3em; color: var(--ink-2); }
figure { margin: 0 0 2mm; break-inside: avoid; } figcaption { color: var(--ink-2); font-size: 8pt; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink-2); font-size: 10px; font-family: inherit; } svg .e { text-anchor: end; } svg .m { text-anchor: middle; } svg line, svg polyline { fill: none; }
.grid { stroke: var(--line); } .zero { stroke: var(--ink-2); } .target { stroke: var(--ink); stroke-width: 1.2; } .allowed { stroke: var(--ink-2); stroke-width: 1.4; stroke-dasharray: 6 4; } .actual { stroke: var(--s1); stroke-width: 2.2; } .expected { stroke: var(--s1); stroke-width: 1.6; stroke-dasharray: 2 3; } .interval { stroke: var(--s1); stroke-width: 1.6; }
.dot { fill: var(--s1); } .open { fill: #fff; stroke: var(--s1); stroke-width: 2; } .plain, .total { fill: var(--s2); } rect.open { stroke-width: 1; stroke-dasharray: 3 2; } .up { fill: #aab1ba; stroke: var(--ink-2); } .down { fill: #eef0f2; stroke: var(--ink-2); }
`;
