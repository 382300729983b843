/** A deployment of metadata. */
export interface Deploy {
  id: string
  orgKey: string
  username: string
  options: { checkOnly: boolean; ignoreWarnings: boolean; rollbackOnError: boolean }
  zip: Buffer
  apiVersion: number
  status: 'Pending' | 'InProgress' | 'Succeeded' | 'SucceededPartial' | 'Failed' | 'Canceled'
  polls: number
  createdAt: number
  completedAt: number | null
  /** What the components came to; empty until it is done. */
  messages: DeployMessage[]
}

/** A component's outcome (DeployMessage of the Metadata API). */
export interface DeployMessage {
  /** Empty for the manifest. */
  componentType: string
  fullName: string
  fileName: string
  outcome: 'created' | 'changed' | 'unchanged' | 'deleted' | 'failed'
  problem: string | null
  problemType: 'Error' | 'Warning' | null
  lineNumber: number | null
  columnNumber: number | null
}
