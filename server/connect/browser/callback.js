import { withExamples } from './examples.js'

const data = JSON.parse(document.getElementById('data').textContent)
const succeeded = data.message.type === 'nango_oauth_callback_success'
// Code and state are of no use any more; still they need not stay in the address bar.
history.replaceState(null, '', location.pathname)
for (const text of document.querySelectorAll('main p:not(:has(*))')) text.replaceChildren(...withExamples(text.textContent))
const onAck = (event) => {
  if (event.origin === data.targetOrigin && event.data && event.data.type === 'nango_oauth_callback_ack') window.close()
}
window.addEventListener('message', onAck)
if (window.opener) window.opener.postMessage(data.message, data.targetOrigin)
if ('BroadcastChannel' in window) {
  const channel = new BroadcastChannel('nango-oauth-callback')
  channel.onmessage = (event) => {
    if (event.data && event.data.type === 'nango_oauth_callback_ack') window.close()
  }
  channel.postMessage(data.message)
}
if (isHosted() && data.mode === 'page') location.replace(data.hostedPage)
else if (succeeded) setTimeout(() => window.close(), 500)
if (isHosted() && data.mode !== 'popup') {
  document.getElementById('back').hidden = false
  document.getElementById('close').hidden = true
}

/** Whether the hosted page waits in this tab. */
function isHosted() {
  try {
    return !window.opener && sessionStorage.getItem('hawser-connect-session') !== null
  } catch {
    return false
  }
}
