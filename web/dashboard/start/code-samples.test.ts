import { describe, expect, it } from 'vitest'
import { browserSample, curlSample, firstPath, nodeSample, type SampleFacts } from './code-samples.ts'

const facts: SampleFacts = {
  host: 'https://c.example',
  apiKey: 'hws_dev_x',
  integration: 'salesforce',
  connection: "o'brien",
  path: firstPath(true),
}

describe('samples', () => {
  it('hold the reader’s own values, quoted for their language', () => {
    expect(curlSample(facts)).toContain(`'Connection-Id: o'\\''brien'`)
    expect(curlSample(facts)).toContain('Bearer hws_dev_x')
    expect(nodeSample(facts)).toContain(`connection: 'o\\'brien'`)
    expect(nodeSample(facts)).toContain('SELECT%20Id')
  })

  it('say where the key goes while there is none', () => {
    expect(nodeSample({ ...facts, apiKey: '' })).toContain("apiKey: 'hws_…'")
  })

  it('keep the key on the server’s side of the page', () => {
    expect(browserSample(facts).split('// In your page')[1]).not.toContain('hws_')
  })
})
