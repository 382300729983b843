import { useState } from 'react'
import { CopyLine } from '../../ui/copy-line.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { apiBase } from '../api/call.ts'
import type { Integration } from './integrations-query.ts'

const PRESETS = [
  {
    value: '',
    label: 'As most guides describe it',
    note: 'Refresh tokens are valid until revoked; one that leaks works until somebody revokes it.',
  },
  { value: '--hardened', label: 'Hardened', note: 'Refresh tokens rotate: no other program may share one.' },
  {
    value: '--partner-mandate',
    label: 'As Salesforce asks of partners',
    note: 'Rotation, an end after 30 idle days, and fixed addresses: your server needs fixed outgoing addresses (--token-ip-range).',
  },
] as const

/** For a shell: quoted where a shell would read more than letters. */
const quoted = (text: string) => (/^[\w@.+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`)

/** Options as `cli/commands/salesforce` takes them. */
export function SalesforceApp({ integration, callbackUrl }: { integration: Integration; callbackUrl: string | undefined }) {
  const [name, setName] = useState('Acme Sync')
  const [email, setEmail] = useState('you@example.com')
  const [org, setOrg] = useState('uat')
  const [preset, setPreset] = useState<string>('')
  const isSandbox = integration.provider.includes('sandbox')
  const command = [
    'npm run hawser -- salesforce app deploy',
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'app',
    `--target-org ${quoted(org)}`,
    `--name ${quoted(name)}`,
    `--contact-email ${quoted(email)}`,
    `--integration ${quoted(integration.unique_key)}`,
    preset,
    isSandbox ? '' : '--org-kind production',
  ]
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField id="app-name" label="Name of the app" hint="Salesforce shows it to your users." value={name} onChange={setName} />
        <TextField id="app-email" type="email" label="Contact email" value={email} onChange={setEmail} />
        <TextField id="app-org" label="Alias of the org" hint="As you logged in with the Salesforce CLI." value={org} onChange={setOrg} />
        <SelectField
          id="app-preset"
          label="Preset"
          value={preset}
          onChange={setPreset}
          options={PRESETS}
          hint={PRESETS.find(({ value }) => value === preset)?.note}
        />
      </div>
      <div>
        <h3 className="mb-1 text-sm font-medium">By one command</h3>
        <CopyLine value={command.filter((part) => part !== '').join(' ')} />
        <p className="mt-1 text-sm text-soft">
          Writes the app as files, checks the org, deploys, and brings key and secret into this integration where the org allows it. With{' '}
          <code className="font-mono">--dry-run</code> it only says what it would do.
        </p>
      </div>
      <details className="group">
        <summary className="cursor-pointer text-sm font-medium">By hand, in Salesforce’s Setup</summary>
        <ByHand callbackUrl={callbackUrl} isSandbox={isSandbox} />
      </details>
      <p className="text-sm">
        <a href={`${apiBase}/guides/create-the-app`} target="_blank" rel="noopener noreferrer" className="text-link underline">
          The guide, with everything in full
        </a>
      </p>
    </div>
  )
}

/** As in docs/guides/create-the-app.md, whose sources hold here too. */
function ByHand({ callbackUrl, isSandbox }: { callbackUrl: string | undefined; isSandbox: boolean }) {
  return (
    <ol className="mt-3 flex list-decimal flex-col gap-2 pl-5 text-sm">
      <li>
        In {isSandbox ? 'the sandbox' : 'the org'} open <b>Setup</b>, type <i>External Client App Manager</i> into Quick Find, open it,
        choose <b>New External Client App</b>.
      </li>
      <li>
        Enter a name that your users will recognise, and a contact email. <i>Distribution state</i>: <b>Local</b>.
      </li>
      <li>
        Tick <i>Enable OAuth</i>, and enter the callback URL: <code className="font-mono break-all">{callbackUrl ?? '…'}</code>
      </li>
      <li>
        Scopes: <i>Manage user data via APIs (api)</i> and <i>Perform requests at any time (refresh_token, offline_access)</i>.
      </li>
      <li>
        Keep both <i>Require secret</i> boxes and <i>Require Proof Key for Code Exchange (PKCE)</i> ticked.
      </li>
      <li>
        <b>Create</b>. In its <b>Policies</b>: <i>Permitted users</i> <b>All users may self-authorize</b>, <i>Refresh token policy</i>{' '}
        <b>valid until revoked</b>; <i>IP relaxation</i> <b>Relax IP restrictions</b> if this server is not in the org’s trusted ranges.
      </li>
      <li>
        Back in <b>Settings → OAuth settings</b> choose <b>Consumer Key and Secret</b>, and bring both to step 3. A new app takes 2 to 10,
        at times 30 minutes until Salesforce knows it.
      </li>
    </ol>
  )
}
