import { palette } from "./palette.js";

/** The page's style sheet. */
export const style: string = `${palette}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,.top,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
h1,h2,h3,h4,p,ul,dl,figure,pre{margin:0}
h1{font-size:clamp(1.7rem,1.2rem + 2.2vw,2.6rem);line-height:1.15;letter-spacing:-.02em;font-weight:680;max-width:26ch;text-wrap:balance}
h2{font-size:1.45rem;letter-spacing:-.012em;line-height:1.25;font-weight:660}
h3{font-size:1.06rem;font-weight:640;line-height:1.35}
h4{font-size:.86rem;font-weight:620;line-height:1.3}
small{display:block;font-size:.78rem;line-height:1.4;color:var(--muted)}
a{color:var(--accent)}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.faint,.help,.note,.key{color:var(--muted)}
.warn{color:var(--warn)}
.better{color:var(--better);font-weight:600}.worse{color:var(--worse);font-weight:600}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.5rem;background:var(--surface);padding:.4rem .8rem;z-index:9}
.skip:focus{left:.5rem}
:focus-visible{outline:2.5px solid var(--accent);outline-offset:2px;border-radius:3px}
html:not(.js-on) .js{display:none!important}
.js-on .tab-title{display:none}
.bar{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--bg) 94%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--line)}
.bar>div{max-width:72rem;margin:0 auto;padding:0 1.25rem;display:flex;align-items:center;gap:1rem}
.bar ul{display:flex;gap:1.15rem;list-style:none;padding:0;overflow-x:auto;scrollbar-width:none;flex:1;white-space:nowrap}
.bar a{display:block;padding:.8rem 0;color:var(--muted);text-decoration:none;font-size:.9rem}
.bar a:hover{color:var(--ink);text-decoration:underline;text-underline-offset:.3em}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
.quiet{font-size:.8rem;color:var(--muted);border:1px solid var(--line);border-radius:6px;padding:.22rem .6rem;background:var(--surface);min-height:1.75rem}
.quiet:hover{color:var(--ink);border-color:var(--strong)}
.top{padding-top:3rem;padding-bottom:1rem}
.eyebrow{font-size:.82rem;letter-spacing:.04em;margin-bottom:.7rem;font-weight:600;color:var(--accent)}
.eyebrow .faint{font-weight:400;margin-left:.5rem}
.premises{font-weight:600;margin:1.1rem 0 0;max-width:72ch;text-wrap:pretty}
.verdict{font-size:clamp(1.1rem,1rem + .5vw,1.32rem);line-height:1.45;margin:1.1rem 0 1.1rem;max-width:62ch;text-wrap:pretty}
.description{color:var(--muted);max-width:76ch;font-size:.95rem}
.facts{display:flex;flex-wrap:wrap;gap:.9rem 2.2rem;margin:1.7rem 0;padding:1.1rem 0;border-block:1px solid var(--line)}
.facts div{min-width:3.5rem;max-width:30rem}
.facts dt{font-size:.74rem;color:var(--muted);letter-spacing:.03em}
.facts dd{margin:0;font-size:.95rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.caveats{border-left:3px solid var(--warn);padding:.1rem 0 .1rem 1rem;max-width:80ch}
.caveats h2{font-size:.92rem;color:var(--warn);letter-spacing:0;margin-bottom:.25rem}
.caveats ul{padding-left:1.1rem;font-size:.92rem}.caveats li{margin:.2rem 0}
.jump{margin-top:1rem;font-size:.92rem}
section{padding:2.6rem 0 .4rem}
section>h2{margin-bottom:.3rem}
section>.lead{color:var(--muted);max-width:76ch;margin-bottom:1.1rem}
section>h3,.tab>h3{margin:1.6rem 0 .3rem}
.scroll{overflow-x:auto;max-width:100%;-webkit-overflow-scrolling:touch}
#overview .wide{--room:min(100vw - 5rem,96rem);--text:min(100vw - 2.5rem,69.5rem);margin-inline:min(0px,calc((var(--text) - var(--room))/2));max-width:none}
.wide{border:1px solid var(--line);border-radius:10px;background:var(--surface)}
table{border-collapse:separate;border-spacing:0;font-size:.9rem;font-variant-numeric:tabular-nums;line-height:1.4}
.wide table{width:100%}
th,td{text-align:left;padding:.55rem .7rem;vertical-align:top;border-bottom:1px solid var(--line)}
tbody tr:last-child>*{border-bottom:0}
thead th{font-weight:600;font-size:.8rem;color:var(--muted);white-space:nowrap;vertical-align:bottom;background:var(--surface)}
tbody th{font-weight:600}
td{white-space:nowrap}td small.warn,td .warn+small{white-space:normal;max-width:16rem}.n{text-align:right}
.wide th:first-child{position:sticky;left:0;background:var(--surface);z-index:1;min-width:12.5rem;max-width:19rem}
.wide th:first-child{overflow-wrap:anywhere}.wide th:first-child small{white-space:normal;font-weight:400}
tr.baseline>*,tr.baseline>th:first-child{background:var(--sunk)}
.tag{font-size:.7rem;font-weight:500;color:var(--muted);border:1px solid var(--line);border-radius:99px;padding:.02rem .45rem;vertical-align:.08em}
.value{font-weight:560}
th button{font-weight:inherit;display:inline-flex;gap:.3rem;align-items:center;white-space:nowrap;padding:.15rem 0}
th button:hover{color:var(--ink)}
th button::after{content:"↕";content:"↕" / "";opacity:.45;font-size:.85em}
th[aria-sort=ascending] button::after{content:"↑";content:"↑" / "";opacity:1;color:var(--accent)}
th[aria-sort=descending] button::after{content:"↓";content:"↓" / "";opacity:1;color:var(--accent)}
th[aria-sort=ascending] button,th[aria-sort=descending] button{color:var(--ink)}
.key{font-size:.84rem;margin-top:.7rem;max-width:90ch}
.published thead tr:first-child th[colspan]{border-bottom:0;padding-bottom:0}
.published td:nth-child(odd){background:color-mix(in srgb,var(--sunk) 55%,transparent)}
.tablist{display:flex;flex-wrap:wrap;gap:.3rem;margin:.2rem 0 1rem}
.tablist button{padding:.34rem .8rem;border-radius:99px;font-size:.86rem;color:var(--muted);border:1px solid transparent}
.tablist button:hover{color:var(--ink);background:var(--sunk)}
.tablist button[aria-selected=true]{color:var(--ink);background:var(--surface);border-color:var(--strong);font-weight:600}
figure{margin:1.9rem 0 2.4rem}
figcaption{margin-bottom:.8rem}.help{font-size:.9rem;max-width:80ch}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18.5rem),1fr));gap:1.3rem 1.6rem}
.panels.three{grid-template-columns:repeat(3,minmax(0,1fr));gap:.4rem 1.6rem}
.panels.large{grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr))}
.panels.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,13.5rem),1fr));gap:1.2rem}
.group{padding:.9rem 0 .5rem;border-top:1px solid var(--line)}.group>h4{font-size:.95rem;margin-bottom:.4rem}
.group .panel h4{color:var(--muted);font-weight:500;font-size:.8rem}
.panel{min-width:0}.panel svg.p{width:100%;max-width:25rem}.large svg.p{max-width:32rem}.panel svg.map{width:auto;max-width:100%}.note{font-size:.8rem;line-height:1.4}
svg.p{display:block;max-width:100%;height:auto;overflow:visible;background:none;color:var(--muted);font-family:inherit}
svg.p text{white-space:pre;font-variant-numeric:tabular-nums}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.2rem;list-style:none;padding:0;margin:0 0 .9rem;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:.45rem}.legend svg{display:block}
.after{display:flex;justify-content:space-between;align-items:flex-start;gap:1rem;margin-top:.7rem;flex-wrap:wrap}
.downloads{display:flex;gap:.4rem}
details.data{font-size:.86rem;flex:1 1 16rem;min-width:0}
details.data[open]{flex-basis:100%}
details.data>p{max-width:80ch;margin:.4rem 0}
details.data .scroll{max-height:22rem;overflow:auto;border:1px solid var(--line);border-radius:8px;background:var(--surface)}
summary{cursor:pointer;color:var(--muted);font-size:.84rem;width:fit-content}summary:hover{color:var(--ink)}
table.plain{font-size:.8rem}table.plain th,table.plain td{padding:.25rem .7rem}
table.plain thead th{position:sticky;top:0}
details.data .note,details.data .quiet{margin:.5rem .7rem}
.search{display:flex;gap:.8rem;align-items:center;flex-wrap:wrap;margin:0 0 .9rem;font-size:.9rem}
.search input{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--strong);border-radius:8px;padding:.4rem .7rem;width:min(100%,22rem)}
.search output{color:var(--muted);font-size:.85rem}
#trials-table td{white-space:nowrap}#trials-table details{white-space:normal}
#trials-table details[open]{min-width:min(34rem,70vw)}
#trials-table dl,.base dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem 1rem;font-size:.82rem;margin:.2rem 0 .8rem}
#trials dt{color:var(--muted)}#trials dd{margin:0;overflow-wrap:anywhere}
.base{margin-top:1rem}.base h4{margin:.6rem 0 .2rem}.failures{list-style:none;padding:0}.failures li{margin:.9rem 0}
pre{white-space:pre-wrap;background:var(--sunk);border-radius:8px;padding:.7rem .9rem;margin-top:.3rem;font-size:.86rem}
footer{padding-top:2.2rem;padding-bottom:3rem;margin-top:2.5rem;color:var(--muted);font-size:.85rem;border-top:1px solid var(--line)}
footer dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1.2rem;margin-top:.6rem}footer dd{margin:0}
@media (max-width:46rem){.panels.three{grid-template-columns:minmax(0,1fr)}.top{padding-top:1.8rem}section{padding-top:2rem}th,td{padding:.5rem .65rem}.wide th:first-child{min-width:7.2rem;max-width:9.5rem}.facts{gap:.8rem 1.5rem}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{body{font-size:10pt;background:#fff}.bar,.downloads,.search,.skip,th button::after{display:none}.tab[hidden]{display:block!important}.js-on .tab-title{display:block}.tablist{display:none}main,.top,footer{max-width:none;padding-inline:0}figure,.group,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}.wide{border:0}table{font-size:6.5pt}th,td{padding:.15rem .25rem;white-space:normal!important}small,.tag,thead th{font-size:6pt;white-space:normal}th button{white-space:normal;text-align:left}#trials-table td:last-child,#trials-table th:last-child{display:none}.wide th:first-child{position:static;min-width:0}details.data{display:none}}
`;
