import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { apiBase } from '../api/call.ts'
import type { Look } from './branding-page.tsx'
import { isColour } from './colour-field.tsx'

type Theme = 'light' | 'dark'
const THEMES: readonly (readonly [theme: Theme, label: string])[] = [
  ['light', 'Light'],
  ['dark', 'Dark'],
]

/** The page itself, with made-up integrations (`web/connect/preview.ts`); it connects nothing. */
export function ConnectPreview({ look }: { look: Look }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [theme, setTheme] = useState<Theme>(look.default_theme === 'dark' ? 'dark' : 'light')
  useEffect(() => {
    const tell = () => frame.current?.contentWindow?.postMessage({ type: 'settings_changed', payload: settingsOf(look) }, location.origin)
    const hear = (event: MessageEvent<{ type?: unknown } | null>) => {
      if (event.source === frame.current?.contentWindow && event.origin === location.origin && event.data?.type === 'ready') tell()
    }
    tell()
    window.addEventListener('message', hear)
    return () => window.removeEventListener('message', hear)
  }, [look])
  return (
    <section aria-label="Preview" className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center justify-between gap-3">
        <h2 className="font-semibold">Preview</h2>
        <div role="group" aria-label="Theme of the preview" className="flex gap-1">
          {THEMES.map(([value, label]) => (
            <Button
              key={value}
              size="small"
              look={theme === value ? 'plain' : 'quiet'}
              aria-pressed={theme === value}
              onClick={() => setTheme(value)}
            >
              {label}
            </Button>
          ))}
        </div>
      </div>
      <iframe
        ref={frame}
        key={theme}
        title="The Connect page with this look"
        src={`${apiBase}/connect-ui/?preview=true&theme=${theme}`}
        className="h-[36rem] w-full rounded-xl border border-line bg-sunk"
      />
    </section>
  )
}

/** As the Connect page takes them; a colour that is half typed is left out. */
function settingsOf(look: Look): Record<string, unknown> {
  const primary = (colour: string | null) => (colour !== null && isColour(colour) ? { primary: colour } : {})
  return {
    showWatermark: look.show_watermark,
    defaultTheme: look.default_theme,
    theme: { light: primary(look.light_primary), dark: primary(look.dark_primary) },
    logo: look.logo,
  }
}
