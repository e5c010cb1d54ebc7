import './ui/base.css'
import { applyTheme, storedTheme } from './ui/theme.ts'

applyTheme(storedTheme())

// zod asks for this when it is loaded. It would try `new Function` otherwise, which the page's policy forbids and reports.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })

const { start } = await import('./start.tsx')
start()
