/** Appearance of the HTML report, on screens and on paper. */
export const STYLE = `
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.5rem 4rem;max-width:62rem;color:#1a1a1a;background:#fff;font:15px/1.5 "Noto Sans","Segoe UI",system-ui,sans-serif}
h1.title{color:var(--accent);font-size:2rem;margin:2.5rem 0 1rem;border-bottom:3px solid var(--accent);padding-bottom:.5rem}
h2{color:var(--accent);font-size:1.45rem;margin:2.4rem 0 .6rem;border-bottom:1px solid var(--accent)}
h3{color:var(--accent);font-size:1.12rem;margin:1.7rem 0 .4rem}
h4{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}
.small,figcaption,caption{color:#5a6270;font-size:.86rem}
.house{font-weight:600}
.logo{max-width:15rem;max-height:6rem}
.notice{border-left:4px solid var(--accent);padding-left:.8rem;font-weight:600}
.quote{border-left:4px solid #c4cad3;padding-left:.8rem}
.mark{position:sticky;top:0;margin:0;padding:.5rem;background:#b00020;color:#fff;font-weight:700;text-align:center;z-index:1}
dl{display:grid;grid-template-columns:minmax(10rem,26%) 1fr;gap:.15rem 1rem;margin:.6rem 0}
dt{color:#5a6270}
dd{margin:0;overflow-wrap:anywhere}
.mono{font-family:"Noto Sans Mono",Consolas,monospace;font-size:.86em;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.86rem}
caption{text-align:left}
th{background:var(--accent);color:#fff;text-align:left;padding:.3rem .5rem}
td{padding:.25rem .5rem;border-bottom:1px solid #dfe3e8;vertical-align:top;overflow-wrap:anywhere}
td.number{text-align:right;white-space:nowrap}
tbody tr:nth-child(even){background:#f3f5f8}
figure{margin:1rem 0}
svg{max-width:100%;height:auto}
svg.picture{max-height:32rem;border:1px solid #8a93a0}
svg.chart{width:100%}
svg text{font-size:12px;fill:#5a6270}
svg .end{text-anchor:end}
svg .middle{text-anchor:middle}
nav ol{padding-left:1.2rem;list-style:none}
a{color:var(--accent)}
@media print{body{max-width:none;padding:0}nav{display:none}h2{break-before:page}figure,tr{break-inside:avoid}}
`.trim();
