import { Marked } from 'marked'
import { escapeHtml } from '#lib/escape-html.ts'

/** What stands for the reader's own addresses in `docs/`. */
export interface GuideValues {
  /** `<callback URL>` */
  callbackUrl: string
  /** `<server URL>` */
  serverUrl: string
}

export interface Guide {
  title: string
  /** HTML; the guides are our own files, and what is filled in is escaped. */
  html: string
}

/** Turns one file of `docs/` into a page of this server: the reader's own addresses filled in, links between guides kept working. */
export function renderGuide(markdown: string, values: GuideValues): Guide {
  const filled = markdown.replaceAll('<callback URL>', values.callbackUrl).replaceAll('<server URL>', values.serverUrl)
  const title = /^# (.+)$/m.exec(filled)?.[1] ?? 'Guide'
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const target = targetOf(href)
        const inner = this.parser.parseInline(tokens)
        return target === undefined ? inner : `<a href="${escapeHtml(target)}">${inner}</a>`
      },
      // Guides load nothing; the pictures are for who reads them in the repository.
      image: () => '',
      table(token) {
        const row = (cells: typeof token.header, name: 'th' | 'td') =>
          `<tr>${cells.map((cell) => `<${name}>${this.parser.parseInline(cell.tokens)}</${name}>`).join('')}</tr>`
        // Wide tables scroll by themselves, not the page.
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>\n`
      },
      html: ({ text }) => (text.trimStart().startsWith('<!--') ? '' : escapeHtml(text)),
    },
  })
  return { title: title.replaceAll('`', ''), html: marked.parse(filled, { async: false }) }
}

/** As GitHub makes them, so that one link works in the repository and here. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

/** Where a link of a file in `docs/` or `docs/guides/` leads on this server; undefined for files that it does not serve. */
function targetOf(href: string): string | undefined {
  if (/^(https?:|#|\/)/.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const name = /^(?:\.\.\/|guides\/|\.\/)?([a-z0-9-]+)\.md$/.exec(path)?.[1]
  return name === undefined ? undefined : `/guides/${name}${anchor === undefined ? '' : `#${anchor}`}`
}
