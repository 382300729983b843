/** A catalogue entry as the program uses it (see `schema.ts` for every key of the format). */
export type { Provider } from './schema.ts'
