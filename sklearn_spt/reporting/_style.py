"""The look of a report's page, on screens of any width and on paper."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 82rem; background: #fff; color: #1a1a1a;
  font: 0.94rem/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.75rem; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 0.75rem; padding-top: 1rem; border-top: 2px solid #1a1a1a; }
h2 small { overflow-wrap: anywhere; font-size: 0.95rem; font-weight: normal; color: #444; margin-left: 0.75rem; }
h3 { font-size: 1rem; margin: 0 0 0.3rem; }
p { margin: 0.4rem 0; }
section, header, footer { margin-bottom: 2.2rem; }
a { color: #0b4f8a; }
sub { line-height: 0; font-size: 0.75em; }
code { font-size: 0.92em; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.15rem 2rem; margin: 0; }
.facts div:last-child { grid-column: 1 / -1; }
.facts div { display: flex; gap: 0.6rem; border-bottom: 1px solid #e2e2e2; padding: 0.2rem 0; }
.facts dt { color: #444; flex: 0 0 7rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.figures { display: grid; grid-template-columns: repeat(2, 1fr); gap: 1rem 2rem; margin: 0.5rem 0 1rem; }
.figures > * { min-width: 0; }
figure { margin: 0; min-width: 0; }
figure svg { width: 100%; height: auto; display: block; }
figcaption { font-size: 0.85rem; color: #444; }
.tables { columns: 2; column-gap: 2rem; }
.block { break-inside: avoid; margin: 0 0 1.2rem; }
/* The shadows at the edges show on narrow screens that there are more columns; white covers them at the ends. */
.scroll {
  overflow-x: auto;
  background: linear-gradient(to right, #fff 40%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to left, #fff 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to right, rgba(0, 0, 0, 0.25), transparent) 0 0 / 0.9rem 100% no-repeat scroll,
    linear-gradient(to left, rgba(0, 0, 0, 0.25), transparent) 100% 0 / 0.9rem 100% no-repeat scroll;
}
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: 1rem; padding-bottom: 0.25rem; }
th, td { padding: 0.22rem 0.6rem 0.22rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e2e2e2; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 600; }
tbody th { font-weight: normal; }
thead th { border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
thead .number, .number.wraps { white-space: normal; }
.wide td, .wide th, .nowrap { white-space: nowrap; }
.text { overflow-wrap: anywhere; }
.stat th { font-style: italic; }
tbody.group { border-top: 1px solid #1a1a1a; }
.unit, .note { color: #444; }
.note { font-size: 0.85rem; }
.reasons { margin: 0.4rem 0; }
.reasons ul { margin: 0.2rem 0 0; padding-left: 1.2rem; }
.reasons li { overflow-wrap: anywhere; }
.box { border-left: 4px solid #b36b00; background: #fff7e8; padding: 0.5rem 0.8rem; margin: 0 0 1rem; }
.box.error { border-color: #b00020; background: #fdecee; }
.box ul { margin: 0.2rem 0 0; padding-left: 1.2rem; }
.box li { overflow-wrap: anywhere; }
.doubtful { font-style: italic; color: #555; }
.memory { font-weight: 600; color: #7a4a00; }
.signatures { display: grid; grid-template-columns: repeat(2, 1fr); gap: 2rem; margin-top: 1rem; }
.signatures div { border-top: 1px solid #1a1a1a; margin-top: 3.2rem; padding-top: 0.25rem; }
@media (max-width: 44rem) {
  body { padding: 0.9rem; }
  .figures { grid-template-columns: 1fr; }
  .tables { columns: 1; }
  .signatures { grid-template-columns: 1fr; gap: 0; }
  h2 small { display: block; margin: 0.2rem 0 0; }
}
@page {
  size: A4; margin: 11mm 12mm 13mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; }
}
@media print {
  body { padding: 0; max-width: none; font-size: 8.4pt; line-height: 1.3; }
  h1 { font-size: 16pt; }
  h2 { font-size: 12.5pt; padding-top: 1.5mm; margin-bottom: 1.5mm; break-after: avoid; }
  h2 small { display: inline; font-size: 9pt; }
  h3, caption { font-size: 9.5pt; }
  table { font-size: 7.5pt; }
  th, td { padding-top: 0.35mm; padding-bottom: 0.35mm; padding-right: 1.6mm; line-height: 1.25; }
  a { color: inherit; text-decoration: none; }
  section.specimen { break-before: page; margin-bottom: 0; }
  .figures { grid-template-columns: repeat(2, 1fr); gap: 2mm 6mm; margin: 1mm 0 2mm; }
  figure svg { max-height: 54mm; }
  figcaption, .note { font-size: 7.4pt; line-height: 1.25; }
  .reasons ul { padding-left: 4mm; }
  .reasons li { break-inside: avoid; }
  p { margin: 0.6mm 0; }
  .box { padding: 1mm 2mm; margin: 0 0 1.5mm; }
  .block { margin: 0 0 2.5mm; }
  .tables { columns: 2; column-gap: 6mm; }
  .signatures { grid-template-columns: repeat(2, 1fr); gap: 2rem; }
  .block, figure, tr, .box, .sign { break-inside: avoid; }
  /* Signatures alone on a sheet could be of any report: the table before them comes with them. */
  .sign { break-before: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; background: none; }
  .wide td, .wide th, .tables tbody th.nowrap { white-space: normal; }
  .box, .box.error { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
