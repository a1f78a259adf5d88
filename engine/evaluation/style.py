"""How the page of a report looks. Knows no figure."""

SHEET = """
:root{--ink:#22302a;--soft:#5d6b64;--line:#dfe7e2;--paper:#fff;--back:#f4f7f5;--green:#1f7a54;--red:#c8452f}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:19px;margin:0 0 14px}
h3{font-size:14px;margin:0 0 8px;font-weight:600}
header p{margin:4px 0 14px;color:var(--soft)}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin-top:20px}
dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:2px 14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.about{font-size:13px}
.glossary{font-size:13px;grid-template-columns:max-content 1fr max-content 1fr}
.glossary dt{color:var(--ink);font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px;margin-top:22px}
section .tiles{margin:0 0 20px;grid-template-columns:repeat(auto-fit,minmax(190px,1fr))}
section .tile{background:var(--back)}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:14px 16px;display:flex;flex-direction:column}
.tile b{font-size:26px;line-height:1.1;font-variant-numeric:tabular-nums;color:var(--green)}
.tile span{font-weight:600;margin-top:4px}
.tile small{color:var(--soft);line-height:1.3}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(400px,1fr));gap:18px 26px}
figure{margin:0}
.plots figcaption{font-weight:600;font-size:13px;margin-bottom:4px}
.plots svg{width:100%;height:auto;display:block}
.wide{overflow-x:auto;margin:0 -22px;padding:0 22px}
table{border-collapse:collapse;font-size:12.5px;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{text-align:right;padding:5px 9px;border-bottom:1px solid var(--line)}
th:first-child{text-align:left;position:sticky;left:0;background:var(--paper);font-weight:600}
thead th{color:var(--soft);font-weight:600}
tfoot td,tfoot th{font-weight:700;border-bottom:0;border-top:2px solid var(--ink)}
tbody tr:hover td,tbody tr:hover th{background:var(--back)}
.legend{font-size:13px;color:var(--soft);margin:-6px 0 14px}
.legend i{display:inline-block;width:18px;height:4px;border-radius:2px;vertical-align:middle;margin:0 4px 0 12px}
.legend i:first-child{margin-left:0}
i.true{background:#00e5ff}i.found{background:#ff3db4}i.stray{background:#ffc800}
article{padding-top:16px;margin-top:18px;border-top:1px solid var(--line)}
article:first-of-type{border-top:0;margin-top:0;padding-top:0}
.frame{width:100%;display:block;border-radius:8px}
.scene{display:grid;grid-template-columns:minmax(0,2.4fr) minmax(0,1fr);gap:12px;align-items:start}
.looks{display:grid;grid-template-columns:1fr 1fr;gap:10px}
.looks img{width:100%;display:block;border-radius:8px}
.looks small{color:var(--soft);font-size:11.5px}
.looks figcaption{font-size:12px;color:var(--soft);display:flex;justify-content:space-between;margin-top:3px}
.looks b{color:var(--red);font-variant-numeric:tabular-nums}
.failed{margin:0;padding-left:18px}
@media(max-width:760px){.scene{grid-template-columns:1fr}.looks{grid-template-columns:repeat(3,1fr)}.plots,.glossary{grid-template-columns:1fr}.glossary{grid-template-columns:max-content 1fr}}
@media print{body{background:#fff}section{break-inside:avoid}}
"""
