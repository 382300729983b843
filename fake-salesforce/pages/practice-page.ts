import { breakages } from '../practice/break-practice.ts'
import type { State } from '../state.ts'
import { escapeHtml, page } from './layout.ts'

/** What a newcomer sees who opens the practice org itself. */
export function practicePage(state: State): string {
  const { repair, ...kinds } = breakages
  const list = Object.entries(kinds).map(([kind, line]) => `<dt><code>${escapeHtml(kind)}</code></dt><dd>${escapeHtml(line)}</dd>`)
  return page(
    state.banner,
    'A sandbox to practise with',
    `<p>This is an authorization server and a REST API that behave like those of a Salesforce sandbox, on your own machine, with invented records.
There is nothing to log in to: connect an app, and call the API through it.</p>
<h2>Break it</h2>
<p>See what your code and your customers would see when something goes wrong:</p>
<p><code>npm run hawser -- practice break &lt;kind&gt;</code></p>
<dl>${list.join('')}</dl>
<h2>Repair it</h2>
<p><code>npm run hawser -- practice repair</code></p>
<p>${escapeHtml(repair)}</p>
<p class="note">Nothing here is real: no password is asked, no real data is touched.</p>`,
  )
}
