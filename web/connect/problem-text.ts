import type { FieldProblem } from './field-rules.ts'
import type { Texts } from './texts/en.ts'

export function saidOf({ problems }: Texts, problem: FieldProblem, title: string): string {
  switch (problem.kind) {
    case 'required':
      return problems.required(title)
    case 'one_of':
      return problems.one_of(problem.values.join(', '))
    case 'like':
      return problems.like(problem.example)
    default:
      return problems[problem.kind]
  }
}
