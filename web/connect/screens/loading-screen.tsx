import { Skeleton } from '../../ui/skeleton.tsx'
import { Card } from '../card.tsx'
import type { Flow } from '../flow.ts'
import { useTexts } from '../words.tsx'

export function LoadingScreen({ flow }: { flow: Flow }) {
  const texts = useTexts()
  return (
    <Card screen="loading" heading={texts.loading} onClose={flow.close} isBusy>
      <Skeleton className="h-5 w-2/3" />
      <Skeleton className="h-11" />
      <Skeleton className="h-5 w-1/2" />
      <Skeleton className="h-11" />
    </Card>
  )
}
