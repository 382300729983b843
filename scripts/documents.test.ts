/** Documents that name files and folders must not rot. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { levels } from './levels.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('ARCHITECTURE.md', () => {
  const table = read('ARCHITECTURE.md').split('## Where is')[1]!.split('## ')[0]!
  const paths = [...table.matchAll(/`([a-z][\w./-]*)`/g)].map((match) => match[1]!)

  it('names places', () => expect(paths.length).toBeGreaterThan(10))
  it.each(paths)('%s exists', (path) => expect(existsSync(join(root, path))).toBe(true))

  it('shows the levels that the linter enforces', () => {
    const drawn = read('ARCHITECTURE.md').split('```')[1]!.split('\n')
    for (const [level, folders] of levels.entries()) {
      const line = drawn.find((text) => text.startsWith(`${level}  `))
      for (const folder of folders) expect(line, `level ${level}`).toContain(`${folder}/`)
    }
  })

  it('knows every folder of the server', () => {
    const folders = readdirSync(join(root, 'server'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
    expect(folders.toSorted()).toEqual(levels.flat().toSorted())
  })
})

describe('links between documents', () => {
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`),
  ]
  it.each(files)('%s', (file) => {
    for (const [, target] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(root, file, '..', target!)), `${file} → ${target}`).toBe(true)
  })
})
