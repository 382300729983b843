/** The type of messages that were asked for to see whether any arrive. */
export const TEST_TYPE = 'webhook.test'
