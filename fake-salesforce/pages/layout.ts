const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5a6475;--paper:#f4f5f7;--card:#fff;--line:#d5dae2;--strong:#24507e;--onstrong:#fff;--warn:#fff3cd;--onwarn:#5c4400}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#a5afbf;--paper:#14181f;--card:#1d232d;--line:#364051;--strong:#8fbdf0;--onstrong:#0d1b2a;--warn:#473a10;--onwarn:#ffe9a8}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.banner{margin:0;padding:.75rem 1rem;background:var(--warn);color:var(--onwarn);text-align:center;font-weight:600}
main{width:min(30rem,100% - 2rem);margin:8vh auto;padding:clamp(1.25rem,6vw,2rem);background:var(--card);border:1px solid var(--line);border-radius:10px}
h1{margin:0 0 .75rem;font-size:1.3rem}h2{margin:1.5rem 0 .5rem;font-size:1.05rem}dt{font-weight:600}dd{margin:0 0 .5rem}ul{padding-left:1.2rem}label{display:block;margin:1rem 0 .25rem}select{width:100%;padding:.5rem;font:inherit}
.actions{display:flex;gap:.75rem;margin-top:1.5rem}button{flex:1;padding:.65rem;border:1px solid var(--strong);border-radius:6px;background:transparent;color:var(--strong);font:inherit;font-weight:600;cursor:pointer}
button.allow{background:var(--strong);color:var(--onstrong)}button:focus-visible,select:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
.note{color:var(--soft);font-size:.9rem}code{overflow-wrap:anywhere}`

/** A whole page. `body` is HTML; everything else is escaped here. */
export function page(banner: string, title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><p class="banner" role="note">${escapeHtml(banner)}</p><main><h1>${escapeHtml(title)}</h1>
${body}
</main></body></html>`
}
