import type { Actor } from '../error-row.ts'
import type { RecognisedAs } from './diagnose-pasted-text.ts'

/** A text as a person would paste it, the row that explains it, and who must act. */
export type PastedExample = readonly [id: string, actor: Actor, as: RecognisedAs, text: string]
