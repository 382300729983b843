import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

const ROOM_PX = 16

/** For a navigation that scrolls sideways in narrow windows: the link of the current page is in sight. */
export function useCurrentInSight() {
  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current=page]')
    if (nav.current && current) nav.current.scrollLeft = current.offsetLeft - nav.current.offsetLeft - ROOM_PX
  }, [pathname])
  return nav
}
