import { classes } from '../../../ui/classes.ts'
import { Icon, type IconName } from '../../../ui/icons.tsx'
import styles from './messages.module.css'

const ROLES: Readonly<Record<string, { readonly word: string; readonly icon: IconName }>> = {
  user: { word: 'User', icon: 'user' },
  assistant: { word: 'Assistant', icon: 'assistant' },
  tool: { word: 'Tool', icon: 'tool' },
  function: { word: 'Function', icon: 'tool' },
  system: { word: 'System', icon: 'workflow' },
  developer: { word: 'Developer', icon: 'workflow' },
}

/** Who speaks. A role that is nobody's is shown as it is. */
export function RoleLabel({ role }: { readonly role: string }) {
  const known = ROLES[role]
  return (
    <span className={classes(styles.role, known && styles[`${role}Role`])}>
      <Icon name={known?.icon ?? 'application'} size={13} />
      {known?.word ?? role}
    </span>
  )
}
