/** The tables of `0010_people.sql`, as better-auth is told of them. */
export const personTable = {
  modelName: 'person',
  fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
} as const

export const wayTable = {
  modelName: 'person_way',
  fields: { userId: 'person_id', providerId: 'provider', accountId: 'subject', createdAt: 'created_at', updatedAt: 'updated_at' },
} as const

export const sessionTable = {
  modelName: 'person_session',
  fields: {
    ...{ userId: 'person_id', token: 'token_hash', expiresAt: 'expires_at', ipAddress: 'address', userAgent: 'user_agent' },
    ...{ createdAt: 'created_at', updatedAt: 'updated_at' },
  },
  additionalFields: {
    confirmedAt: { type: 'date', required: false, input: false, fieldName: 'confirmed_at' },
    way: { type: 'string', required: false, input: false },
  },
} as const

export const challengeTable = {
  modelName: 'person_challenge',
  fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
} as const

export const secondFactorTables = {
  user: { fields: { twoFactorEnabled: 'totp_enabled' } },
  twoFactor: {
    modelName: 'second_factor',
    fields: {
      ...{ userId: 'person_id', backupCodes: 'recovery_codes' },
      ...{ failedVerificationCount: 'failed_count', lockedUntil: 'locked_until' },
    },
  },
}
