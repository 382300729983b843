/** Holds the place of what is loading; give it the true size, so that nothing moves when it comes. */
export function Skeleton({ className = 'h-5 w-full' }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-md bg-sunk motion-reduce:animate-none ${className}`} />
}
