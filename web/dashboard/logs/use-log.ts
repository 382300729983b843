/** The rows of the log: pages of what was, and in front of them what happens while somebody looks. */
import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { LogFilters } from './log-filters.ts'
import { useWorkplace } from '../shell/me.ts'
import { logQuery, PAGE_ROWS, withNewer, type LogPage } from './log-query.ts'
import type { Operation } from './operation-words.ts'
import { useTail } from './use-tail.ts'

/** With more than so many new rows the list begins anew, so that a tab left open for days stays light. */
const MOST_NEW = 2_000
/** So many are held back for a reader; then the tail waits too. */
const MOST_WAITING = 1_000

type Data = InfiniteData<LogPage, string | undefined>
interface Waiting {
  key: string
  rows: Operation[]
  latest: string
}

export function useLog(filters: LogFilters) {
  const queries = useQueryClient()
  const options = logQuery(filters)
  const { queryKey } = options
  const { environment } = useWorkplace()
  // What is held back of one environment must not come up in another.
  const key = JSON.stringify([environment?.name, filters])
  const list = useInfiniteQuery(options)
  const [isPaused, setPaused] = useState(false)
  const [held, setHeld] = useState<Waiting>()
  const isAway = useRef(false)
  const waiting = held?.key === key ? held : undefined
  const hasEnd = filters.to !== undefined
  const isFull = (waiting?.rows.length ?? 0) >= MOST_WAITING

  const merge = (rows: readonly Operation[], latest: string) =>
    queries.setQueryData<Data>(queryKey, (data) => {
      const [first, ...rest] = data?.pages ?? []
      if (!data || !first) return data
      return { ...data, pages: [{ ...first, operations: withNewer(first.operations, rows), latest }, ...rest] }
    })
  /** Asks for the first page alone; the old rows stay until it is here. */
  const restart = async () => {
    queries.setQueryData<Data>(queryKey, (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) })
    await list.refetch()
    setHeld(undefined)
  }
  const isFailing = useTail({
    filters,
    isOn: !isPaused && !hasEnd && !isFull && list.isSuccess && !list.isPlaceholderData,
    position: () => waiting?.latest ?? queries.getQueryData<Data>(queryKey)?.pages[0]?.latest,
    onAnswer: (rows, latest) => {
      if (!isAway.current) {
        merge(withNewer(waiting?.rows ?? [], rows).toReversed(), latest)
        setHeld(undefined)
        if ((queries.getQueryData<Data>(queryKey)?.pages[0]?.operations.length ?? 0) > MOST_NEW + PAGE_ROWS) void restart()
        return
      }
      const known = new Set(queries.getQueryData<Data>(queryKey)?.pages[0]?.operations.map(({ id }) => id))
      const unseen = rows.filter(({ id }) => !known.has(id))
      if (unseen.length > 0 || waiting) setHeld({ key, rows: withNewer(waiting?.rows ?? [], unseen), latest })
    },
  })
  const showWaiting = () => {
    if (isFull) return void restart()
    if (waiting) merge(waiting.rows.toReversed(), waiting.latest)
    setHeld(undefined)
  }
  const latestShow = useRef(showWaiting)
  latestShow.current = showWaiting
  /** While the reader is somewhere in the list, new rows wait: nothing moves under her eyes. */
  const setAway = useCallback((away: boolean) => {
    const comesBack = isAway.current && !away
    isAway.current = away
    if (comesBack) latestShow.current()
  }, [])
  const rows = useMemo(() => {
    const all = list.data?.pages.flatMap(({ operations }) => operations) ?? []
    const known = new Set<string>()
    return all.filter(({ id }) => !known.has(id) && known.add(id))
  }, [list.data])
  return {
    list,
    rows,
    waiting: waiting?.rows.length ?? 0,
    isFull,
    showWaiting,
    setAway,
    isPaused,
    setPaused,
    hasEnd,
    isFailing,
    restart,
  }
}
