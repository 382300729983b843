/** A refused call as the server explains it. */
export interface Diagnosis {
  code: string
  title: string
  cause: string
  fix: string[]
  actor: string
  transient: boolean
  end_user_text?: string
  docs?: string | null
}

export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly diagnosis: Diagnosis | undefined
  /** What is wrong with which field. */
  readonly fields: { path: string; message: string }[]

  constructor(status: number, code: string, message: string, more: { diagnosis?: Diagnosis; fields?: ApiError['fields'] } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.diagnosis = more.diagnosis
    this.fields = more.fields ?? []
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; diagnosis?: Diagnosis; errors?: { path?: (string | number)[]; message?: string }[] }
}

export async function errorFrom(response: Response): Promise<ApiError> {
  const { error } = (await response.json().catch(() => ({}))) as ErrorBody
  const fields = error?.errors?.map(({ path, message }) => ({ path: path?.join('.') ?? '', message: message ?? '' }))
  return new ApiError(
    response.status,
    error?.code ?? `http_${response.status}`,
    error?.message ?? `The server answered ${response.status}.`,
    {
      ...(error?.diagnosis ? { diagnosis: error.diagnosis } : {}),
      ...(fields ? { fields } : {}),
    },
  )
}
