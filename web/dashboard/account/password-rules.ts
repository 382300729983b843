/** As `server/people/password-rules.ts` says it; the server knows more, and has the last word. */
export const SHORTEST_PASSWORD = 10
export const PASSWORD_HINT = `At least ${SHORTEST_PASSWORD} characters. Three or four unrelated words are easy to remember and hard to guess.`
