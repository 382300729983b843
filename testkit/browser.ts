/** A browser without a screen: follows redirects, keeps cookies by host, and reaches real-looking host names on this machine. */
import { Agent, buildConnector, request } from 'undici'

export interface Page {
  url: string
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** Every URL on the way, the last one included. */
  visited: string[]
}

export interface BrowserOptions {
  /** `login.salesforce.com:443` → where it listens here. */
  connector?: (hostPort: string) => { host: string; port: number; ca?: string } | undefined
}

export interface Browser {
  open(url: string, options?: { follow?: boolean }): Promise<Page>
  cookies: Map<string, Map<string, string>>
  close(): Promise<void>
}

const MAX_REDIRECTS = 10

export function createBrowser({ connector }: BrowserOptions = {}): Browser {
  const cookies = new Map<string, Map<string, string>>()
  const plain = buildConnector({})
  const agent = new Agent({
    connect: (options, callback) => {
      const mapped = connector?.(`${options.hostname}:${options.port || (options.protocol === 'https:' ? '443' : '80')}`)
      if (!mapped) return plain(options, callback)
      return buildConnector(mapped.ca === undefined ? {} : { ca: mapped.ca })(
        { ...options, hostname: mapped.host, port: String(mapped.port), servername: options.hostname },
        callback,
      )
    },
  })

  async function once(url: string): Promise<Omit<Page, 'visited'>> {
    const { host } = new URL(url)
    const jar = cookies.get(host)
    const cookie = jar && [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await request(url, { dispatcher: agent, headers: { accept: 'text/html', ...(cookie ? { cookie } : {}) } })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(host, line)
    return { url, status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }

  function keep(host: string, line: string): void {
    const [pair = ''] = line.split(';')
    const jar = cookies.get(host) ?? new Map<string, string>()
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    cookies.set(host, jar)
  }

  async function open(url: string, { follow = true } = {}): Promise<Page> {
    const visited = [url]
    let page = await once(url)
    while (follow && page.status >= 300 && page.status < 400 && page.headers['location'] !== undefined && visited.length <= MAX_REDIRECTS) {
      const next = new URL(String(page.headers['location']), page.url).href
      visited.push(next)
      page = await once(next)
    }
    return { ...page, visited }
  }

  return { open, cookies, close: async () => void (agent.closed || agent.destroyed || (await agent.close())) }
}
