const data = JSON.parse(document.getElementById('data').textContent)
const succeeded = data.message.type === 'nango_oauth_callback_success'
// Code and state are of no use any more; still they need not stay in the address bar.
history.replaceState(null, '', location.pathname)
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
if (data.mode === 'page') {
  let hosted = null
  try {
    hosted = sessionStorage.getItem('hawser-connect-session')
  } catch {}
  if (hosted !== null && !window.opener) location.replace('/connect-ui/')
  else if (succeeded) setTimeout(() => window.close(), 500)
} else if (succeeded) setTimeout(() => window.close(), 500)
