import { z } from 'zod'
import { defineRoute } from './route.ts'

export const health = defineRoute({
  name: 'health',
  method: 'GET',
  path: '/health',
  summary: 'Answers while the process lives.',
  access: { open: true },
  reply: { status: 200, body: z.object({ result: z.literal('ok') }) },
})

export const ready = defineRoute({
  name: 'ready',
  method: 'GET',
  path: '/ready',
  summary: 'Answers 200 while this node should get traffic: the database answers, the spool is writable, it is not stopping.',
  access: { open: true },
  reply: {
    status: 200,
    body: z.object({
      result: z.literal('ok'),
      /** `frozen`: a restored or copied database; calls are served while their tokens work, nothing is refreshed. */
      vault: z.enum(['live', 'frozen']),
    }),
  },
  errors: ['not_ready'],
})

export const openapi = defineRoute({
  name: 'openapi',
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document.',
  access: { open: true },
  reply: { status: 200, body: z.looseObject({ openapi: z.string() }) },
})
