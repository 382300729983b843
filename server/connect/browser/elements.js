import { withExamples } from './examples.js'

export const title = document.getElementById('title')
const main = document.querySelector('main')
const notice = document.getElementById('notice')
const view = document.getElementById('view')
const { product } = JSON.parse(document.getElementById('data').textContent)

export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

export function button(text, onclick, className = '') {
  return element('button', { type: 'button', className, textContent: text, onclick })
}

/** One state of the page. `said` is announced by screen readers; `tone` colours it: `good`, `bad` or none. */
export function show(heading, { said = '', tone = '' } = {}, ...content) {
  main.setAttribute('aria-busy', 'false')
  document.title = heading + ' · ' + product
  title.textContent = heading
  notice.replaceChildren(...(said === '' ? [] : [element('p', { className: tone }, ...withExamples(said))]))
  view.replaceChildren(...content)
  title.focus()
}
