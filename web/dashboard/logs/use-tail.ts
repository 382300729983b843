import { useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { activityQueryOf, type LogFilters } from './log-filters.ts'
import type { Operation } from './operation-words.ts'
import { firstPace, paceAfterAnswer, paceAfterError } from './tail-pace.ts'

const PAGE_ROWS = 200

interface Tail {
  filters: LogFilters
  isOn: boolean
  /** The `latest` that the next answer begins at; undefined: nothing is asked yet. */
  position: () => string | undefined
  /** `rows`: earliest first; some may be known already. */
  onAnswer: (rows: Operation[], latest: string) => void
}

/** Asks again and again for what has happened since; not while the tab is hidden. Returns whether the last question failed. */
export function useTail({ filters, isOn, position, onAnswer }: Tail): boolean {
  const [isFailing, setFailing] = useState(false)
  const now = useRef({ position, onAnswer })
  useEffect(() => {
    now.current = { position, onAnswer }
  })
  const wanted = JSON.stringify(activityQueryOf(filters))
  useEffect(() => {
    if (!isOn) return setFailing(false)
    const ending = new AbortController()
    let pace = firstPace
    let timer: ReturnType<typeof setTimeout> | undefined
    let isAsking = false
    const ask = async () => {
      if (isAsking || document.hidden || ending.signal.aborted) return
      clearTimeout(timer)
      const after = now.current.position()
      isAsking = true
      try {
        if (after !== undefined) {
          const query = { ...(JSON.parse(wanted) as object), after, limit: PAGE_ROWS }
          const { operations, latest } = await call('listActivity', { query }, ending.signal)
          if (ending.signal.aborted) return
          now.current.onAnswer(operations, latest)
          pace = paceAfterAnswer(pace, operations.length, PAGE_ROWS)
        }
        setFailing(false)
      } catch {
        if (ending.signal.aborted) return
        setFailing(true)
        pace = paceAfterError(pace)
      } finally {
        isAsking = false
      }
      timer = setTimeout(() => void ask(), pace.waitMs)
    }
    const wake = () => {
      if (document.hidden) return
      pace = firstPace
      void ask()
    }
    document.addEventListener('visibilitychange', wake)
    timer = setTimeout(() => void ask(), firstPace.waitMs)
    return () => {
      ending.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [wanted, isOn])
  return isFailing
}
