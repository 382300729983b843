import { Fragment } from 'react'

const EXAMPLE = /((?:"[^"\s]+"|[a-z0-9-]+(?:\.[a-z0-9-]+){2,})[.,;:]*)/i

/**
 * A text whose examples (host names, and words in straight quotes) stay on one line if one is long enough, and else break before a dot; never inside
 * `acme--uat`, nor before the full stop behind it.
 */
export function WithExamples({ text }: { text: string }) {
  return text.split(EXAMPLE).map((piece, at) =>
    at % 2 === 0 ? (
      // oxlint-disable-next-line react/no-array-index-key -- the pieces of one text keep their places
      <Fragment key={at}>{piece}</Fragment>
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- as above
      <span key={at} className="example inline-block max-w-full">
        {piece.split(/(?=\.\w)/).map((part, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- as above
          <Fragment key={place}>
            {place > 0 && <wbr />}
            <span className="unbroken whitespace-nowrap">{part}</span>
          </Fragment>
        ))}
      </span>
    ),
  )
}
