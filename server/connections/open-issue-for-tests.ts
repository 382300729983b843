import { openIssue } from '#issues/open-issue.ts'
import { environmentId, type Node } from './node-for-tests.ts'

/** For tests of what is shown: an open issue without a story. */
export function openIssueOn(node: Node, connectionId: string, kind: Parameters<typeof openIssue>[1]['kind']): Promise<void> {
  const issue = { environmentId, connectionId, kind, diagnosis: null }
  return node.db.kysely.transaction().execute((transaction) => openIssue(transaction, issue, { recordOwnEvent: async () => {} }))
}
