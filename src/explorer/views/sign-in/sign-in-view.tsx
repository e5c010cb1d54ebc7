import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { isUsableKey } from '../../session/api-key.ts'
import { useSession } from '../../session/session.tsx'
import { Button } from '../../ui/button/button.tsx'
import { View } from '../../ui/view/view.tsx'
import styles from './sign-in.module.css'

export default function SignInView() {
  const { state, signIn } = useSession()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const [problem, setProblem] = useState<string | null>(() =>
    state.kind === 'signed-out' && state.refused ? 'This key is refused: it may have expired or been revoked.' : null,
  )
  const id = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const given = field.current?.value.trim() ?? ''
    if (isUsableKey(given)) return signIn(given)
    setProblem(given === '' ? 'Enter a key.' : 'A key has no spaces and no letters beyond ASCII.')
    field.current?.focus()
  }
  return (
    <View title="Sign in" subtitle="This service asks for an API key. It needs the scope events:read.">
      <form className={styles.form} onSubmit={submit} noValidate>
        <label htmlFor={id}>API key</label>
        {/* Its text is the browser's alone: React would put a value that it holds into an attribute. */}
        <input
          ref={field}
          id={id}
          type="password"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-note`}
          onChange={() => setProblem(null)}
        />
        <p id={`${id}-note`} className={styles.note} role={problem === null ? undefined : 'alert'} data-bad={problem !== null}>
          {problem ?? 'Kept in this tab until it is closed, and nowhere else.'}
        </p>
        <Button type="submit" look="primary">
          Sign in
        </Button>
      </form>
    </View>
  )
}
