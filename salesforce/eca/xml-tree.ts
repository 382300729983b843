import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element of a metadata file. `text` is decoded and keeps its white space; attributes other than `xsi:nil` say nothing in these files. */
export type XmlElement = { name: string; text: string; nil: boolean; children: XmlElement[] }

export type ParsedXml = { ok: true; root: XmlElement } | { ok: false; problem: string }

/** The largest app anybody has is a few kilobytes; a certificate adds two. */
export const LARGEST_FILE = 256 * 1024

const TEXT = '#text'
const CDATA = '#cdata'
const ATTRIBUTES = ':@'

// Entities are decoded below: the parser would also decode what a DOCTYPE defines, and leaves numeric references alone.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  textNodeName: TEXT,
  cdataPropName: CDATA,
})

/**
 * Reads one metadata file. Never throws; a problem is a sentence that repeats nothing of the file. Document type declarations are refused, because
 * Salesforce writes none and they are how entity bombs and file disclosure (XXE) come in.
 */
export function parseXml(text: string): ParsedXml {
  if (text.length > LARGEST_FILE) return refused(`The file is larger than ${LARGEST_FILE / 1024} KB, so it is not the metadata of an app.`)
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (source.trim() === '') return refused('The file is empty.')
  if (/<!(DOCTYPE|ENTITY)/i.test(source)) return refused('The file has a document type declaration, which Salesforce never writes.')
  try {
    const valid = XMLValidator.validate(source)
    if (valid !== true) return refused(`The file is not well-formed XML: line ${valid.err.line} is wrong or an element is not closed.`)
    const elements = elementsOf(parser.parse(source) as unknown)
    const [root, second] = elements
    if (!root || second) return refused('The file needs exactly one root element.')
    return { ok: true, root }
  } catch {
    // The library's own messages quote the file.
    return refused('The file is not well-formed XML, is nested too deeply, or uses an entity that XML does not have.')
  }
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && !child.nil)
}

function refused(problem: string): ParsedXml {
  return { ok: false, problem }
}

function elementsOf(nodes: unknown): XmlElement[] {
  if (!Array.isArray(nodes)) return []
  const elements: XmlElement[] = []
  for (const node of nodes as Record<string, unknown>[]) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES)
    if (name === undefined || name === TEXT || name === CDATA || name.startsWith('?')) continue
    const content = node[name]
    const attributes = node[ATTRIBUTES] as Record<string, string> | undefined
    elements.push({ name, text: textOf(content), nil: attributes?.['xsi:nil'] === 'true', children: elementsOf(content) })
  }
  return elements
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return ''
  return (content as Record<string, unknown>[])
    .map((node) => {
      if (typeof node[TEXT] === 'string') return decoded(node[TEXT])
      const cdata = node[CDATA]
      return Array.isArray(cdata) ? String((cdata[0] as Record<string, unknown> | undefined)?.[TEXT] ?? '') : ''
    })
    .join('')
}

const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function decoded(text: string): string {
  return text.replace(/&([^;&\s]{0,12});?/g, (_whole, entity: string) => {
    const numeric = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(entity)
    const character = numeric
      ? String.fromCodePoint(Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] ? 16 : 10))
      : NAMED_ENTITIES.get(entity)
    if (character === undefined) throw new Error('unknown entity')
    return character
  })
}

/** What `xmlFile` writes: a text, or nested elements in the order given. */
export type XmlNode = { name: string; text: string } | { name: string; nodes: readonly XmlNode[] }

/** A metadata file with the elements in alphabetical order, as a retrieve yields them; elements of one name keep their order. */
export function xmlFile(rootName: string, nodes: readonly XmlNode[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${rootName} xmlns="http://soap.sforce.com/2006/04/metadata">\n${lines(nodes, '    ')}</${rootName}>\n`
}

function lines(nodes: readonly XmlNode[], indent: string): string {
  return nodes
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((node) => {
      const content = 'text' in node ? escapeXml(node.text) : `\n${lines(node.nodes, `${indent}    `)}${indent}`
      return `${indent}<${node.name}>${content}</${node.name}>\n`
    })
    .join('')
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
