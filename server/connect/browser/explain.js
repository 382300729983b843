import { button, element } from './elements.js'
import { withExamples } from './examples.js'
import { api } from './session.js'

/** What an administrator ends by installing the packaged app: `install-link.ts` has the same list. */
const INSTALL_CODES = ['external-app-not-installed', 'app-must-be-installed']
const MAX_PASTED = 8000

/** Whom to ask, and where the app is installed; `integration` may be unknown. */
export function helpFor(diagnosis, integration) {
  const parts = []
  if (diagnosis.actor === 'customer_admin')
    parts.push(element('p', { textContent: 'Ask your Salesforce administrator. The technical details below are written for them.' }))
  const url = integration && integration.install_url
  if (url && url.startsWith('https://') && INSTALL_CODES.includes(diagnosis.code))
    parts.push(
      element('a', {
        className: 'button',
        href: url,
        target: '_blank',
        rel: 'noopener noreferrer',
        textContent: 'Install the app in Salesforce',
      }),
    )
  return parts
}

export function detailsOf({ code, title, cause, fix }) {
  const summary = element('summary', { textContent: 'Technical details' })
  const steps = fix.map((text) => element('li', { textContent: text }))
  const why = element('p', { textContent: title + '. ' + cause })
  return element('details', {}, summary, why, element('ol', {}, ...steps), element('p', {}, element('code', { textContent: code })))
}

/** For the errors that Salesforce shows on a page of its own: they never come back to us, so the person brings them. */
export function pastedError(integration) {
  const field = element('textarea', { id: 'pasted', rows: 4, maxLength: MAX_PASTED, autocomplete: 'off', spellcheck: false })
  const label = element('label', { htmlFor: field.id, textContent: 'Paste what Salesforce showed you' })
  const hint = element('p', {
    className: 'hint',
    id: 'pasted-hint',
    textContent: 'The text of the page, or its address. Leave out passwords and codes.',
  })
  field.setAttribute('aria-describedby', hint.id)
  const answer = element('div', {})
  answer.setAttribute('role', 'status')
  const ask = button('Explain it', () => void explain(), 'plain')
  const summary = element('summary', { textContent: 'Salesforce showed an error page?' })
  return element('details', { className: 'pasted' }, summary, label, field, hint, ask, answer)

  async function explain() {
    const text = field.value.trim()
    if (text === '') return field.focus()
    ask.disabled = true
    try {
      const { known, diagnosis } = await api('/doctor', { text, integration: integration.unique_key })
      answer.replaceChildren(
        ...(known && diagnosis
          ? [said(diagnosis.end_user_text), ...helpFor(diagnosis, integration), detailsOf(diagnosis)]
          : [said(UNKNOWN)]),
      )
    } catch {
      answer.replaceChildren(said('That could not be looked up at the moment. Please try again, or send the text to our support.'))
    } finally {
      ask.disabled = false
    }
  }
}

const UNKNOWN = 'We do not know this message. Please send it to our support, or show it to your Salesforce administrator.'

function said(text) {
  return element('p', {}, ...withExamples(text))
}
