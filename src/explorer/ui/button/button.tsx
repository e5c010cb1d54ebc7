import type { ComponentPropsWithRef } from 'react'
import { classes } from '../classes.ts'
import { Icon, type IconName } from '../icons.tsx'
import styles from './button.module.css'

export interface ButtonProps extends ComponentPropsWithRef<'button'> {
  /** `primary` for the one thing to do, `quiet` without a border. */
  readonly look?: 'plain' | 'primary' | 'quiet'
  readonly icon?: IconName
}

export function Button({ look = 'plain', icon, className, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={classes(styles.button, styles[look], className)} {...rest}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: IconName
  /** Read to those who do not see the icon, and shown as its title. */
  readonly label: string
}

export function IconButton({ label, icon, className, look = 'quiet', ...rest }: IconButtonProps) {
  return <Button look={look} icon={icon} aria-label={label} title={label} className={classes(styles.icon, className)} {...rest} />
}
