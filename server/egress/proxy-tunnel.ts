import type { Socket } from 'node:net'
import { Pool, buildConnector } from 'undici'

/** The forward proxy did not open a tunnel. `status` is its answer, or null when there was none. */
export class TunnelFailed extends Error {
  /** A refusal stands until somebody changes a setting; a proxy that is away, or cannot reach the host, may do better later. */
  readonly code: 'ERR_PROXY_TUNNEL' | 'ERR_PROXY_AWAY'
  override readonly name = 'TunnelFailed'
  readonly status: number | null
  constructor(status: number | null, reason: string) {
    super(`the forward proxy (HTTPS_PROXY) did not open a tunnel: ${reason}`)
    this.status = status
    this.code = status !== null && status < 500 ? 'ERR_PROXY_TUNNEL' : 'ERR_PROXY_AWAY'
  }
}

export type ProxyTunnel = {
  /** A TCP stream to `host:port` through the proxy. @throws TunnelFailed */
  open: (hostPort: string) => Promise<Socket>
  close: () => Promise<void>
}

const basicAuthorization = ({ username, password }: URL): Record<string, string> => {
  if (username === '') return {}
  const userPass = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(userPass).toString('base64')}` }
}

/** The proxy's own address comes from the operator and is not guarded. `proxyUrl`: `http://` or `https://`, user and password in it. */
export const createProxyTunnel = (proxyUrl: string, timeoutMs: number): ProxyTunnel => {
  const url = new URL(proxyUrl)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('HTTPS_PROXY must start with http:// or https://')
  const headers = basicAuthorization(url)
  const pool = new Pool(url.origin, { connect: buildConnector({ allowH2: false, timeout: timeoutMs }) })

  const open = async (hostPort: string): Promise<Socket> => {
    // undici retries a connector's UND_ERR_SOCKET for ever (nodejs/undici#3897), hence an error of our own for everything.
    const answer = await pool
      .connect({ path: hostPort, headers: { ...headers, host: hostPort }, signal: AbortSignal.timeout(timeoutMs) })
      .catch((error: Error & { code?: string }) => {
        throw new TunnelFailed(
          null,
          error.name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : (error.code ?? 'connection failed'),
        )
      })
    if (answer.statusCode !== 200) {
      answer.socket.on('error', () => {}).destroy()
      throw new TunnelFailed(answer.statusCode, `it answered ${answer.statusCode}`)
    }
    return answer.socket as Socket
  }

  return { open, close: () => pool.destroy() }
}
