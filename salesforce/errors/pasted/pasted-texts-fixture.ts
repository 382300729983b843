import type { PastedExample } from './pasted-example-for-tests.ts'
import { restExamples } from './pasted-rest-fixture.ts'
import { setupExamples } from './pasted-setup-fixture.ts'
import { pageExamples, signInExamples } from './pasted-sign-in-fixture.ts'
import { tokenExamples } from './pasted-token-fixture.ts'

export const pastedExamples: readonly PastedExample[] = [
  ...signInExamples,
  ...pageExamples,
  ...tokenExamples,
  ...restExamples,
  ...setupExamples,
]
