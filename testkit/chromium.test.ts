import { describe, expect, it } from 'vitest'
import { chromiumPath } from './chromium.ts'

describe('a machine without Chromium', () => {
  it('is told what to install', () => {
    expect(() => chromiumPath({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(/apt-get install chromium.*CHROMIUM_PATH/)
    expect(chromiumPath({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath)
  })
})
