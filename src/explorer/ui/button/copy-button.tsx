import { useEffect, useState } from 'react'
import { Button, IconButton } from './button.tsx'

export interface CopyButtonProps {
  readonly text: string | (() => string)
  /** What is copied, as in "Copy event id". */
  readonly what: string
  /** Shows the words too. */
  readonly wide?: boolean
}

/** How long it says that it has copied, in milliseconds. */
const SAID_MS = 1_500

export function CopyButton({ text, what, wide = false }: CopyButtonProps) {
  const [said, setSaid] = useState<'' | 'Copied' | 'Could not copy'>('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () => {
    // Absent where the page came over plain HTTP from another machine.
    const copied = navigator.clipboard?.writeText(typeof text === 'string' ? text : text()) ?? Promise.reject()
    copied.then(
      () => setSaid('Copied'),
      () => setSaid('Could not copy'),
    )
  }
  const icon = said === 'Copied' ? 'check' : said === '' ? 'copy' : 'alert'
  return (
    <>
      {wide ? (
        <Button icon={icon} onClick={copy}>
          {said || `Copy ${what}`}
        </Button>
      ) : (
        <IconButton icon={icon} label={said || `Copy ${what}`} onClick={copy} />
      )}
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </>
  )
}
