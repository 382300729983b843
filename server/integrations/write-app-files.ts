import assert from 'node:assert'
import type { z } from 'zod'
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/salesforce-apps.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { applyPreset, presetByName, type AppOverrides } from '@hawser/salesforce/eca/presets.ts'
import { handler, type Handler } from '#http/handler.ts'
import { inCamelCase, inSnakeCase, snakeCased } from './letter-case.ts'

/** The same input gives the same files; credentials are neither taken nor written. */
export function writeAppFiles(deps: { callbackUrlOf(environmentId: string): Promise<string> }): Handler {
  return handler(routes.salesforceAppFiles, async ({ body, principal }) => {
    const name = body.preset ?? 'as-guide'
    const preset = presetByName(name)
    assert(preset, 'the contract names the presets that exist')
    const given = inCamelCase(body.options) as AppOverrides
    const callbackUrls = given.callbackUrls?.length ? given.callbackUrls : [await deps.callbackUrlOf(principal.environmentId)]
    const checked = applyPreset(name, { ...given, callbackUrls }, { orgKind: body.org_kind })
    if (!checked.ok)
      throw fail('invalid_body', {
        errors: checked.problems.map(({ field, reason, fix }) => ({ code: 'custom', message: `${reason} ${fix}`, path: pathOf(field) })),
      })
    const { options, warnings } = checked
    const files = appFiles(options, {
      orgKind: body.org_kind,
      apiVersion: body.api_version,
      withoutCodeAndCredentials: body.without_code_and_credentials,
    })
    return {
      data: {
        files,
        options: inSnakeCase(options) as z.input<typeof routes.salesforceAppOptions>,
        warnings: warnings.map((warning) => ({ ...warning, field: snakeCased(warning.field) })),
        costs: preset.costs,
      },
    }
  })
}

/** `tokenIpRanges[3].start` → where it stands in the body. */
function pathOf(field: string): (string | number)[] {
  const parts = field.split(/[.[\]]+/).filter((part) => part !== '')
  return ['options', ...parts.map((part) => (/^\d+$/.test(part) ? Number(part) : snakeCased(part)))]
}
