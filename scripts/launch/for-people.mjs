/** An error whose message is all that the person at the keyboard needs: printed without a stack. */
export function forPeople(message) {
  return Object.assign(new Error(message), { forPeople: true })
}
