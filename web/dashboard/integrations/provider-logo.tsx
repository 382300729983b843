import { useState } from 'react'

/** The provider's picture, or its first letter where there is none. The name stands beside it. */
export function ProviderLogo({ src, name }: { src: string; name: string }) {
  const [isMissing, setMissing] = useState(false)
  return isMissing ? (
    <span aria-hidden="true" className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-sunk font-semibold text-soft">
      {name.slice(0, 1).toUpperCase()}
    </span>
  ) : (
    <img
      src={src}
      alt=""
      width={36}
      height={36}
      className="size-9 shrink-0 rounded-lg bg-white object-contain p-1"
      onError={() => setMissing(true)}
    />
  )
}
