import { element } from './elements.js'
import { withExamples } from './examples.js'

/**
 * A form with one input for each field of the provider that a person fills in. `typed`: values by name. Returns the `form`, whose submit button
 * reads `action`, the `values` in it, the ones to `keep` for another try, and `showErrors`, which tells whether a field of the form was wrong.
 */
export function formFor(fields, typed, action) {
  const inputs = new Map(fields.map(([name, field]) => [name, inputFor(name, field, typed[name])]))
  const rows = fields.flatMap(([name, field]) => rowFor(inputs.get(name), field))
  const form = element('form', {}, ...rows, element('button', { type: 'submit', textContent: action }))
  const valuesOf = (wanted) =>
    Object.fromEntries(
      [...inputs].filter(([, input]) => wanted(input) && input.value.trim() !== '').map(([name, input]) => [name, input.value.trim()]),
    )
  return {
    form,
    values: () => valuesOf(() => true),
    keep: () => valuesOf((input) => input.type !== 'password'),
    showErrors(errors) {
      const wrong = errors.filter(({ path }) => inputs.has(path[1]))
      for (const { path, message } of wrong) markWrong(inputs.get(path[1]), message)
      if (wrong.length > 0) inputs.get(wrong[0].path[1]).focus()
      return wrong.length > 0
    },
  }
}

function rowFor(input, field) {
  const label = element('label', { htmlFor: input.id, textContent: (field.title || input.name) + (field.optional ? ' (optional)' : '') })
  if (!field.description) return [label, input]
  const hint = element('p', { className: 'hint', id: input.id + '-hint' }, ...withExamples(field.description))
  input.setAttribute('aria-describedby', hint.id)
  return [label, input, hint]
}

function inputFor(name, field, typed) {
  const common = { id: 'field-' + name, name, required: !field.optional }
  const value = typed || field.default_value || ''
  if (field.enum) {
    const options = field.enum.map((one) => element('option', { value: one, textContent: one, selected: one === value }))
    return element('select', common, ...(field.optional ? [element('option', { value: '', textContent: '–' })] : []), ...options)
  }
  const input = element('input', {
    ...common,
    type: field.secret ? 'password' : 'text',
    placeholder: field.example || '',
    value,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
    maxLength: 2000,
  })
  input.addEventListener('input', () => clearWrong(input))
  return input
}

function markWrong(input, message) {
  clearWrong(input)
  const error = element('p', { className: 'bad field-error', id: input.id + '-error' }, ...withExamples(message))
  input.setAttribute('aria-invalid', 'true')
  input.setAttribute('aria-describedby', [error.id, input.id + '-hint'].join(' '))
  input.after(error)
}

function clearWrong(input) {
  const error = document.getElementById(input.id + '-error')
  if (!error) return
  error.remove()
  input.removeAttribute('aria-invalid')
  input.setAttribute('aria-describedby', input.id + '-hint')
}

/** Half an example would mislead; the description has the whole one. To be called when the form is on the page. */
export function dropLongPlaceholders(form) {
  const pen = document.createElement('canvas').getContext('2d')
  for (const input of form.querySelectorAll('input[placeholder]')) {
    const style = getComputedStyle(input)
    pen.font = style.font
    const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    if (pen.measureText(input.placeholder).width > room) input.placeholder = ''
  }
}
