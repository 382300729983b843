import type { FastifyInstance } from 'fastify'

/** Who opens the server's address means the dashboard. A link for an end user is always a whole one. */
export function registerStartPage(app: FastifyInstance, publicUrl: string): void {
  app.get('/', async (_request, reply) => reply.redirect(`${publicUrl}/dashboard/`))
  app.get('/favicon.ico', async (_request, reply) => reply.code(204).header('cache-control', 'public, max-age=86400').send())
}
