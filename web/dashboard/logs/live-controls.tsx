import Pause from 'lucide-react/icons/pause'
import Play from 'lucide-react/icons/play'
import { Button } from '../../ui/button.tsx'

interface LiveControlsProps {
  isPaused: boolean
  setPaused: (isPaused: boolean) => void
  /** The time asked for is over: nothing new can come. */
  hasEnd: boolean
  isFailing: boolean
}

/** Says whether new rows come by themselves, and stops them (WCAG 2.2.2). */
export function LiveControls({ isPaused, setPaused, hasEnd, isFailing }: LiveControlsProps) {
  if (hasEnd) return <p className="text-sm text-soft">Not live: the time has an end</p>
  return (
    <>
      <p role="status" className="flex items-center gap-2 text-sm text-soft">
        <span
          aria-hidden="true"
          className={`size-2 rounded-full ${isPaused ? 'bg-edge' : isFailing ? 'bg-bad' : 'animate-pulse bg-good motion-reduce:animate-none'}`}
        />
        {isPaused ? 'Paused' : isFailing ? 'No answer from the server; trying again' : 'Live'}
      </p>
      <Button onClick={() => setPaused(!isPaused)}>
        {isPaused ? <Play aria-hidden="true" className="size-4" /> : <Pause aria-hidden="true" className="size-4" />}
        {isPaused ? 'Go on' : 'Pause'}
      </Button>
    </>
  )
}
