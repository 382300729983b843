import { childrenNamed, parseXml } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

/** A retrieved Connected App. `name` is the full name by its file, with a namespace where a package brought it. */
export type ConnectedApp = { name: string; root: XmlElement }

export type ReadConnectedApp = { ok: true; app: ConnectedApp } | { ok: false; problem: string }

/** Reads `<Name>.connectedApp` or `<Name>.connectedApp-meta.xml`; `fileName` may have folders before it. Never throws. */
export function readConnectedApp(xml: string, fileName: string): ReadConnectedApp {
  const name = (fileName.split(/[/\\]/).at(-1) ?? '').replace(/\.connectedApp(-meta\.xml)?$/, '').replace(/\.xml$/, '')
  const parsed = parseXml(xml)
  if (!parsed.ok) return parsed
  if (parsed.root.name === 'ConnectedApp') return { ok: true, app: { name, root: parsed.root } }
  const problem = parsed.root.name.startsWith('Ext')
    ? 'This file already is a part of an External Client App.'
    : 'The root element is not ConnectedApp. Give the file that a retrieve of the type ConnectedApp writes.'
  return { ok: false, problem }
}

/** Texts at a path such as `oauthConfig.scopes`, without the white space around them, in the order of the file. */
export function textsAt({ root }: ConnectedApp, path: string): string[] {
  return elementsAt(root, path)
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
}

export function elementsAt(root: XmlElement, path: string): XmlElement[] {
  return path.split('.').reduce<XmlElement[]>((elements, name) => elements.flatMap((element) => childrenNamed(element, name)), [root])
}
