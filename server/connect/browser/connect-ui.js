const STORED = 'hawser-connect-session'
const POLL_MS = 1500
const query = new URLSearchParams(location.search)
const embedded = window.parent !== window
const view = document.getElementById('view')
const title = document.getElementById('title')
const main = document.querySelector('main')
const theme = query.get('theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
if (embedded) document.body.classList.add('embedded')

let token = query.get('session_token')
let parentOrigin = null
let polling = null
// The token leaves the address bar (history, screenshots); a reload finds it in this tab's storage.
if (token) history.replaceState(null, '', location.pathname)
if (!embedded) token = stored(token)

function stored(given) {
  try {
    if (given) sessionStorage.setItem(STORED, given)
    return given || sessionStorage.getItem(STORED)
  } catch {
    return given
  }
}

// Until the parent has sent the token its origin is unknown; what is sent then says nothing about anybody.
function tellParent(message) {
  if (!embedded) return
  if (parentOrigin) window.parent.postMessage(message, parentOrigin)
  else if (message.type === 'ready' || message.type === 'close') window.parent.postMessage(message, '*')
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

function show(heading, ...content) {
  main.setAttribute('aria-busy', 'false')
  title.textContent = heading
  view.replaceChildren(...content)
  if (embedded)
    view.append(
      element('button', { type: 'button', className: 'plain', textContent: 'Close', onclick: () => tellParent({ type: 'close' }) }),
    )
  title.focus()
}

async function api(path) {
  const answer = await fetch(path, { headers: { authorization: 'Bearer ' + token }, credentials: 'omit', cache: 'no-store' })
  const body = await answer.json()
  if (!answer.ok) throw new Error((body.error && body.error.message) || 'The server did not answer properly.')
  return body.data
}

async function start() {
  if (!token) {
    if (!embedded) show('This link is incomplete', element('p', { textContent: 'Open the link that you were given once more.' }))
    return
  }
  try {
    const session = await api('/connect/session')
    if (session.result) return finish(session.result)
    const integrations = await api('/integrations')
    const allowed = integrations.filter((one) => !session.allowed_integrations || session.allowed_integrations.includes(one.unique_key))
    if (allowed.length === 0) show('Nothing to connect', element('p', { textContent: 'No integration is set up for you yet.' }))
    else if (allowed.length === 1) await showForm(session, allowed[0])
    else showList(session, allowed)
  } catch (error) {
    showError(error.message)
  }
}

function showList(session, integrations) {
  const buttons = integrations.map((one) =>
    element('button', {
      type: 'button',
      className: 'plain',
      textContent: one.display_name,
      onclick: () => showForm(session, one).catch((error) => showError(error.message)),
    }),
  )
  show('What do you want to connect?', ...buttons)
}

async function showForm(session, integration) {
  const provider = await api('/providers/' + encodeURIComponent(integration.provider))
  const defaults = ((session.integrations_config_defaults || {})[integration.unique_key] || {}).connection_config || {}
  const fields = Object.entries(provider.connection_config || {})
    .filter(([name, field]) => !field.automated && !field.hidden && !(name in defaults))
    .sort(([, a], [, b]) => (a.order || 0) - (b.order || 0))
  const inputs = new Map()
  const rows = fields.flatMap(([name, field]) => {
    const input = inputFor(name, field)
    inputs.set(name, input)
    const label = element('label', { htmlFor: input.id, textContent: (field.title || name) + (field.optional ? ' (optional)' : '') })
    const hint = element('p', { className: 'hint', id: input.id + '-hint', textContent: field.description || '' })
    input.setAttribute('aria-describedby', hint.id)
    return [label, input, hint]
  })
  const form = element('form', { noValidate: false }, ...rows)
  form.append(
    element('button', { type: 'submit', textContent: (session.isReconnecting ? 'Reconnect ' : 'Connect ') + integration.display_name }),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    connect(integration.unique_key, inputs)
  })
  show((session.isReconnecting ? 'Reconnect ' : 'Connect ') + integration.display_name, form)
}

function inputFor(name, field) {
  const common = { id: 'field-' + name, name, required: !field.optional }
  if (field.enum) return element('select', common, ...field.enum.map((value) => element('option', { value, textContent: value })))
  return element('input', {
    ...common,
    type: field.secret ? 'password' : 'text',
    placeholder: field.example || '',
    value: field.default_value || '',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
    maxLength: 2000,
  })
}

function connect(key, inputs) {
  const url = new URL('/oauth/connect/' + encodeURIComponent(key), location.origin)
  url.searchParams.set('connect_session_token', token)
  url.searchParams.set('mode', 'page')
  for (const [name, input] of inputs) if (input.value.trim() !== '') url.searchParams.set('params[' + name + ']', input.value.trim())
  if (!embedded) return location.assign(url.href)
  // A provider's page refuses to be framed, so from an iframe the sign-in opens in a window of its own.
  const popup = window.open(url.href, '_blank', 'popup,width=500,height=650')
  const link = element('a', { className: 'button', href: url.href, target: '_blank', textContent: 'Open the sign-in window' })
  const text = popup ? 'Please finish in the window that has opened.' : 'Your browser did not open a window.'
  show('Waiting for your sign-in', element('p', { role: 'status', textContent: text }), ...(popup ? [] : [link]))
  poll()
}

function poll() {
  clearTimeout(polling)
  polling = setTimeout(async () => {
    try {
      const session = await api('/connect/session')
      if (session.result) return finish(session.result)
      if (Date.now() < Date.parse(session.expires_at)) return poll()
      showError('This took too long. Please start again.')
    } catch (error) {
      showError(error.message)
    }
  }, POLL_MS)
}

function finish(result) {
  if (result.outcome === 'success') {
    show(
      'Connected',
      element('p', { className: 'good', role: 'status', textContent: 'The connection is set up. You can close this page.' }),
    )
    tellParent({
      type: 'connect',
      payload: { providerConfigKey: result.provider_config_key, connectionId: result.connection_id, isPending: false },
    })
    return
  }
  tellParent({ type: 'error', payload: { errorType: result.error_type, errorMessage: result.error_desc } })
  showError(result.diagnosis ? result.diagnosis.end_user_text : result.error_desc, result.diagnosis)
}

function showError(text, diagnosis) {
  const parts = [element('p', { className: 'bad', role: 'alert', textContent: text })]
  if (diagnosis) {
    const about = element('p', { textContent: diagnosis.title + '. ' + diagnosis.cause })
    const fix = element('p', { textContent: diagnosis.fix })
    parts.push(
      element(
        'details',
        {},
        element('summary', { textContent: 'For your administrator' }),
        about,
        fix,
        element('code', { textContent: diagnosis.id }),
      ),
    )
  }
  if (token) parts.push(element('button', { type: 'button', textContent: 'Try again', onclick: () => retry() }))
  show('The connection was not made', ...parts)
}

async function retry() {
  try {
    const session = await api('/connect/session')
    const integrations = await api('/integrations')
    const allowed = integrations.filter((one) => !session.allowed_integrations || session.allowed_integrations.includes(one.unique_key))
    if (allowed.length === 1) await showForm(session, allowed[0])
    else showList(session, allowed)
  } catch (error) {
    showError(error.message)
  }
}

window.addEventListener('message', (event) => {
  if (!embedded || event.source !== window.parent || !event.data || event.data.type !== 'session_token') return
  if (typeof event.data.sessionToken !== 'string') return
  parentOrigin = event.origin === 'null' ? null : event.origin
  token = event.data.sessionToken
  start()
})
tellParent({ type: 'ready' })
start()
