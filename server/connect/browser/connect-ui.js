import { button, element, show } from './elements.js'
import { detailsOf, helpFor, pastedError } from './explain.js'
import { dropLongPlaceholders, formFor } from './form.js'
import { api, hasLeft, keepTyped, noteLeft, session, typedFor } from './session.js'

const POLL_MS = 1500
/** The result of the attempt before may still stand there until the new one has reached the server. */
const POLLS_WITH_OLD_RESULT = 6
const EXPIRED = ['missing_auth_header', 'malformed_auth_header', 'invalid_connect_session_token_format', 'unknown_connect_session_token']
const CAN_TRY_AGAIN = ['user', 'transient', 'limit', 'reconnect']

let parentOrigin = null
/** The number of the attempt whose result is waited for; another number ends the waiting. */
let attempt = 0
/** What `load` has read. */
let current = null

// Until the parent has sent the token its origin is unknown; what is sent then says nothing about anybody.
function tellParent(message) {
  if (!session.embedded) return
  if (parentOrigin) window.parent.postMessage(message, parentOrigin)
  else if (message.type === 'ready' || message.type === 'close') window.parent.postMessage(message, '*')
}

const close = () => tellParent({ type: 'close' })
const closing = () => (session.embedded ? [button('Close', close, 'plain')] : [])

function page(heading, notice, ...content) {
  show(heading, notice, ...content, ...closing())
}

/** Runs a step; whatever goes wrong in it is said to the person. */
function step(action) {
  return action().catch((error) => {
    if (EXPIRED.includes(error.code)) showExpired()
    else showTrouble()
  })
}

async function load() {
  const state = await api('/connect/session')
  const all = await api('/integrations')
  const allowed = all.filter((one) => !state.allowed_integrations || state.allowed_integrations.includes(one.unique_key))
  const names = [...new Set(allowed.map((one) => one.provider))]
  const entries = await Promise.all(names.map(async (name) => [name, await api('/providers/' + encodeURIComponent(name))]))
  current = { state, allowed, providers: new Map(entries) }
  return current
}

async function start() {
  if (!session.token) {
    if (!session.embedded) page('This link is incomplete', { said: 'Please open the link that you were given once more.' })
    return
  }
  const { state } = await load()
  // An old failure is of interest to whoever comes back from it, not to whoever opens the link anew.
  if (state.result && (state.result.outcome === 'success' || session.backWithResult)) finish(state.result)
  else showChoice()
}

function showChoice(key) {
  const { allowed } = current
  const chosen = allowed.length === 1 ? allowed[0] : allowed.find((one) => one.unique_key === key)
  if (chosen) showForm(chosen)
  else if (allowed.length > 0) showList()
  else page('Nothing to connect', { said: 'Nothing is set up here yet. Please ask whoever sent you the link.' })
}

function showList() {
  const { allowed, providers } = current
  const choices = allowed.map((one) => {
    const about = [providers.get(one.provider).display_name]
    // Only a name that stands there twice needs the key, which is the engineer's word.
    if (allowed.some((other) => other !== one && other.display_name === one.display_name && other.provider === one.provider))
      about.push(one.unique_key)
    const lines = about.filter((line) => line !== one.display_name)
    const detail = lines.length > 0 ? [element('small', { textContent: lines.join(' · ') })] : []
    const choice = button('', () => showForm(one), 'plain choice')
    choice.append(element('span', { textContent: one.display_name }), ...detail)
    return element('li', {}, choice)
  })
  page('What do you want to connect?', {}, element('ul', { className: 'choices' }, ...choices))
}

function showForm(integration) {
  const { state, allowed, providers } = current
  const { unique_key: key, display_name: name } = integration
  const defaults = ((state.integrations_config_defaults || {})[key] || {}).connection_config || {}
  const fields = Object.entries(providers.get(integration.provider).connection_config || {})
    .filter(([field, about]) => !about.automated && !about.hidden && !(field in defaults))
    .sort(([, a], [, b]) => (a.order || 0) - (b.order || 0))
  const action = (state.isReconnecting ? 'Reconnect ' : 'Connect ') + name
  const filled = formFor(fields, typedFor(key), action)
  filled.form.addEventListener('submit', (event) => {
    event.preventDefault()
    void step(() => submit(key, filled))
  })
  const warnings = (state.warnings || []).map(({ message }) => element('p', { className: 'warning', textContent: message }))
  // Whoever comes back without a result may have met an error on Salesforce's own page.
  const lost = hasLeft(key) && !state.result && isSalesforce(integration) ? [pastedError(integration)] : []
  page(action, {}, ...warnings, filled.form, ...(allowed.length > 1 ? [button('Back', showList, 'plain')] : []), ...lost)
  dropLongPlaceholders(filled.form)
}

const isSalesforce = ({ provider }) => provider.startsWith('salesforce')

async function submit(key, filled) {
  const { form, values, keep, showErrors } = filled
  const params = values()
  keepTyped(key, keep())
  // In an iframe an empty form goes on at once: browsers open a window only right after the click.
  if (!session.embedded || Object.keys(params).length > 0) {
    const submitting = form.querySelector('[type=submit]')
    if (submitting.disabled) return
    submitting.disabled = true
    try {
      const { errors } = await api('/connect-ui/check/' + encodeURIComponent(key), { params })
      if (showErrors(errors)) return
    } finally {
      submitting.disabled = false
    }
  }
  leave(key, params)
}

function leave(key, params) {
  const url = new URL('/oauth/connect/' + encodeURIComponent(key), location.origin)
  url.searchParams.set('connect_session_token', session.token)
  url.searchParams.set('mode', 'page')
  for (const [name, value] of Object.entries(params)) url.searchParams.set('params[' + name + ']', value)
  noteLeft(key)
  if (!session.embedded) {
    page('One moment', { said: 'The sign-in page is opening.' })
    return location.assign(url.href)
  }
  // A provider's page refuses to be framed, so from an iframe the sign-in opens in a window of its own.
  const opened = window.open(url.href, '_blank', 'popup,width=500,height=650')
  const link = element('a', { className: 'button', href: url.href, target: '_blank', textContent: 'Open the sign-in window' })
  const said = opened ? 'Please finish in the window that has opened.' : 'Your browser did not open a window.'
  page(
    'Waiting for your sign-in',
    { said },
    ...(opened ? [] : [link]),
    button('Back', () => showChoice(key), 'plain'),
    ...current.allowed.filter((one) => one.unique_key === key && isSalesforce(one)).map(pastedError),
  )
  attempt += 1
  poll(attempt, JSON.stringify(current.state.result))
}

// Goes on behind other pages, too: the window may still be open. It ends with the session.
function poll(mine, oldResult, polls = 0) {
  const look = async () => {
    const { result } = mine === attempt ? await api('/connect/session') : {}
    if (mine !== attempt) return
    const isOld = polls < POLLS_WITH_OLD_RESULT && JSON.stringify(result) === oldResult
    if (result && !isOld) finish(result)
    else poll(mine, result ? oldResult : undefined, polls + 1)
  }
  setTimeout(() => void step(look), POLL_MS)
}

function finish(result) {
  attempt += 1
  current.state.result = result
  const { outcome, provider_config_key: key } = result
  if (outcome === 'success') {
    page('Connected', { said: 'The connection is set up.' + (session.embedded ? '' : ' You can close this page.'), tone: 'good' })
    return tellParent({ type: 'connect', payload: { providerConfigKey: key, connectionId: result.connection_id, isPending: false } })
  }
  tellParent({ type: 'error', payload: { errorType: result.error_type, errorMessage: result.error_desc } })
  const { diagnosis } = result
  const again = diagnosis && CAN_TRY_AGAIN.includes(diagnosis.class) ? [button('Try again', () => step(() => tryAgain(key)))] : []
  const said = diagnosis ? diagnosis.end_user_text : 'Something went wrong on our side. Please contact our support.'
  const integration = current.allowed.find((one) => one.unique_key === key)
  const explained = diagnosis ? [...helpFor(diagnosis, integration), ...again, detailsOf(diagnosis)] : []
  page('The connection was not made', { said, tone: 'bad' }, ...explained)
}

async function tryAgain(key) {
  await load()
  showChoice(key)
}

function showExpired() {
  const said = session.embedded
    ? 'Too much time has passed. Please close this window and start again.'
    : 'Please ask whoever sent you the link for a new one.'
  page('This link has expired', { said })
}

function showTrouble() {
  const said = 'The server could not be reached, or did not answer properly. Please try again in a moment.'
  page(
    'That did not work',
    { said, tone: 'bad' },
    button('Try again', () => step(start)),
  )
}

window.addEventListener('message', (event) => {
  if (!session.embedded || event.source !== window.parent || !event.data || event.data.type !== 'session_token') return
  if (typeof event.data.sessionToken !== 'string') return
  parentOrigin = event.origin === 'null' ? null : event.origin
  session.token = event.data.sessionToken
  void step(start)
})
window.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close()
})
// Back from the provider's page by the browser's own button: the page is as it was left.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) void step(start)
})
tellParent({ type: 'ready' })
void step(start)
