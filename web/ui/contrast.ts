/** Contrast of colours by WCAG 2.2. Colours are `#rrggbb` or `#rgb`. */

export const HEX_COLOUR = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i

type Rgb = readonly [red: number, green: number, blue: number]

function rgbOf(hex: string): Rgb {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit) : (hex.slice(1).match(/../g) ?? [])
  const [red = 0, green = 0, blue = 0] = digits.map((pair) => Number.parseInt(pair, 16))
  return [red, green, blue]
}

function hexOf(parts: Rgb): string {
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

function luminance(hex: string): number {
  const [red, green, blue] = rgbOf(hex).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** From 1 (none) to 21. */
export function contrastOf(one: string, two: string): number {
  const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Black or white, whichever can be read on `ground`. One of them always reaches 4.5. */
export function textColourOn(ground: string): '#000000' | '#ffffff' {
  return contrastOf(ground, '#ffffff') >= 4.5 ? '#ffffff' : '#000000'
}

const STEPS = 20

/** `colour`, mixed with as little black or white as it takes to be told from `ground` by `least` at least. */
export function readableOn(colour: string, ground: string, least: number): string {
  const from = rgbOf(colour)
  const to = rgbOf(textColourOn(ground))
  for (let step = 0; step <= STEPS; step++) {
    const mixed = hexOf(from.map((part, at) => part + ((to[at] ?? 0) - part) * (step / STEPS)) as unknown as Rgb)
    if (contrastOf(mixed, ground) >= least) return mixed
  }
  return hexOf(to)
}
