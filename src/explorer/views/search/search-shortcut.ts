import { useEffect } from 'react'
import { navigate } from 'wouter/use-browser-location'
import { PATHS } from '../../routing/paths.ts'

/** So the field is found by whoever wants to write into it. */
export const FIELD_ID = 'search-field'

let isAwaited = false

/** `/` leads into the search field from anywhere but where text is written. */
export function useSearchShortcut(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (isWriting(event.target) || document.querySelector('dialog[open]')) return
      event.preventDefault()
      if (location.pathname === PATHS.search) return focusField()
      isAwaited = true
      navigate(PATHS.search)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

/** For the view, once it stands: whoever came by the key writes at once, whoever came by a link hears the heading. */
export function useAwaitedFocus(): void {
  useEffect(() => {
    if (isAwaited) focusField()
    isAwaited = false
  }, [])
}

function focusField(): void {
  const field = document.getElementById(FIELD_ID)
  field?.focus()
  if (field instanceof HTMLInputElement) field.select()
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=radio], [type=range], [type=checkbox]), textarea, select'))
  )
}
