import type { FastifyInstance } from 'fastify'

const PATH = '/images/template-logos/'

/** A monogram instead of a foreign logo: the first letters of the provider's name on a colour of its own. */
export function registerLogos(app: FastifyInstance, displayNameOf: (provider: string) => string | undefined): void {
  app.get<{ Params: { file: string } }>(`${PATH}:file`, async (request, reply) => {
    const provider = request.params.file.replace(/\.svg$/, '')
    const name = displayNameOf(provider)
    if (name === undefined) return reply.callNotFound()
    return reply
      .type('image/svg+xml')
      .headers({
        'cache-control': 'public, max-age=86400',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
        'access-control-allow-origin': '*',
      })
      .send(monogram(name))
  })
}

export function logoUrl(publicUrl: string, provider: string): string {
  return `${publicUrl}${PATH}${encodeURIComponent(provider)}.svg`
}

function monogram(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean)
  const letters = words
    .slice(0, 2)
    .map((word) => word[0]!.toUpperCase())
    .join('')
  const hue = [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 360, 7)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64" role="img"><rect width="64" height="64" rx="14" fill="hsl(${hue} 45% 38%)"/><text x="32" y="42" text-anchor="middle" font-family="system-ui, sans-serif" font-size="28" font-weight="600" fill="#fff">${letters}</text></svg>\n`
}
