import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrastOf, readableOn, textColourOn } from '../ui/contrast.ts'
import { brandColours, themeOf, type Settings } from './look.ts'

const settings = (primary: string, defaultTheme: Settings['defaultTheme'] = 'system'): Settings => ({
  ...{ showWatermark: false, defaultTheme, logo: null },
  theme: { light: { primary }, dark: { primary } },
})
const colour = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`)

describe('a brand colour', () => {
  it('has text on it that can be read, and links that can, whatever it is', () => {
    fc.assert(
      fc.property(colour, fc.constantFrom('light', 'dark'), (primary, theme) => {
        const colours = brandColours(settings(primary), theme)
        const card = theme === 'light' ? '#ffffff' : '#18202a'
        expect(contrastOf(colours['--on-accent']!, primary)).toBeGreaterThanOrEqual(4.5)
        expect(contrastOf(colours['--link']!, card)).toBeGreaterThanOrEqual(4.5)
        expect(contrastOf(colours['--ring']!, card)).toBeGreaterThanOrEqual(3)
      }),
    )
  })

  it('stays as it is where it can be read', () => expect(readableOn('#1d4f91', '#ffffff', 4.5)).toBe('#1d4f91'))

  it('is refused when it is no colour', () => {
    expect(brandColours(settings('red;background:url(x)'), 'light')).toEqual({})
    expect(brandColours(undefined, 'light')).toEqual({})
  })

  it('is measured as WCAG does', () => {
    expect(contrastOf('#000', '#ffffff')).toBeCloseTo(21)
    expect(contrastOf('#777777', '#fff')).toBeCloseTo(4.478, 2)
    expect([textColourOn('#ffd500'), textColourOn('#123')]).toEqual(['#000000', '#ffffff'])
  })
})

describe('the theme', () => {
  it.each([
    ['dark', 'light', false, 'dark'],
    ['system', 'dark', false, 'light'],
    [undefined, 'dark', false, 'dark'],
    [undefined, 'system', true, 'dark'],
    [undefined, undefined, true, 'dark'],
  ] as const)('is the address’s (%s) before the environment’s (%s) before the browser’s (dark: %s): %s', (wanted, own, dark, theme) => {
    expect(themeOf(wanted, own && settings('#000000', own), dark)).toBe(theme)
  })
})
