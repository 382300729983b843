/** The states of the hosted page, each with the way to it. */
import type { Page } from 'playwright-core'
import { createApiClient } from '../api-client.ts'
import type { ConnectRig } from './connect-rig.ts'

export interface State {
  name: string
  /** Leaves the page in the state. */
  reach(page: Page, rig: ConnectRig): Promise<void>
}

/** Waits for a heading. */
export const heading = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('heading', { name, level: 1 }).waitFor()

export async function openForm(page: Page, rig: ConnectRig, integration = 'sandbox', query: Record<string, string> = {}): Promise<string> {
  const token = await rig.session({ integrations: [integration] })
  await page.goto(rig.link(token, query))
  await page.waitForSelector('form')
  return token
}

export async function failBecauseAppIsElsewhere(page: Page, rig: ConnectRig): Promise<string> {
  const token = await rig.session({ integrations: ['elsewhere'] })
  // As if Salesforce had sent the person back; on a live org it shows a page of its own.
  const begun = await fetch(`${rig.server.url}/oauth/connect/elsewhere?connect_session_token=${token}&mode=page`, { redirect: 'manual' })
  const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state')
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const back = new URLSearchParams({
    state: state ?? '',
    error: 'OAUTH_EC_APP_NOT_FOUND',
    error_description: 'External client app is not installed in this org',
  })
  await fetch(`${rig.server.url}/oauth/callback?${back}`, { headers: { cookie } })
  await page.goto(rig.link(token, {}))
  await page.goto(`${rig.server.url}/connect-ui/?again#result`)
  await heading(page, 'The connection was not made')
  return token
}

export const states: State[] = [
  {
    name: 'list',
    async reach(page, rig) {
      await page.goto(rig.link(await rig.session()))
      await heading(page, 'What do you want to connect?')
    },
  },
  { name: 'form', reach: async (page, rig) => void (await openForm(page, rig)) },
  {
    name: 'form with mistakes',
    async reach(page, rig) {
      await openForm(page, rig, 'shop')
      await page.selectOption('#field-region', 'eu')
      await page.fill('#field-subdomain', 'Not so')
      await page.fill('#field-contact', 'nobody')
      await page.click('form [type=submit]')
      await page.waitForSelector('[aria-invalid]')
    },
  },
  {
    name: 'warning',
    async reach(page, rig) {
      await page.route('**/connect/session', async (route) => {
        const answer = await route.fetch()
        const body = (await answer.json()) as { data: Record<string, unknown> }
        const message = 'One more sign-in ends a connection of yours: Salesforce allows five.'
        body.data['warnings'] = [{ code: 'approvals_used_up', message, connection_id: 'c' }]
        await route.fulfill({ response: answer, json: body })
      })
      await openForm(page, rig)
    },
  },
  {
    name: 'your own app',
    async reach(page, rig) {
      await page.goto(rig.link(await rig.session({ integrations: ['own'] })))
      await heading(page, 'Use an app of your own')
    },
  },
  {
    name: 'hand-over',
    async reach(page, rig) {
      await page.goto(rig.link(await rig.session({ integrations: ['own'] })))
      await page.getByRole('button', { name: 'Send to your administrator' }).click()
      await heading(page, 'Ask your administrator')
    },
  },
  { name: 'failed', reach: async (page, rig) => void (await failBecauseAppIsElsewhere(page, rig)) },
  {
    name: 'administrator',
    async reach(page, rig) {
      const token = await failBecauseAppIsElsewhere(page, rig)
      await page.goto(rig.link(token, { view: 'admin', integration: 'elsewhere' }))
      await heading(page, 'Your help is needed')
    },
  },
  {
    name: 'denied',
    async reach(page, rig) {
      await openForm(page, rig)
      await page.click('form [type=submit]')
      await page.click('button[value=deny]')
      await heading(page, 'The connection was not made')
      await page.click('summary')
    },
  },
  {
    name: 'connected',
    async reach(page, rig) {
      await openForm(page, rig)
      await page.click('form [type=submit]')
      await page.click('button[value=allow]')
      await heading(page, 'Connected')
    },
  },
  {
    name: 'explain',
    async reach(page, rig) {
      await openForm(page, rig, 'elsewhere')
      await page.click('form [type=submit]')
      await page.waitForURL(/salesforce\.com/)
      await page.goto(`${rig.server.url}/connect-ui/`)
      await page.click('.pasted summary')
      await page.fill('#pasted', 'OAUTH_EC_APP_NOT_FOUND')
      await page.click('.pasted button')
      await page.waitForSelector('.pasted [role=status] p')
    },
  },
  {
    name: 'expired',
    async reach(page, rig) {
      const token = await openForm(page, rig)
      await createApiClient(rig.server.url, token).call('DELETE', '/connect/session')
      await page.goto(rig.link(token))
      await heading(page, 'This link has expired')
    },
  },
]
