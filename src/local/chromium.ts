/** The path of an installed Chrome or Chromium, where the one among the packages does not run (macOS, Windows, ARM). */
const { CHROME_PATH } = process.env

/** Chromium as root in a container has no sandbox; nothing is to be fetched but what a page asks for. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-default-browser-check',
]

/** The executable of a Chromium that playwright-core can start. Throws where there is none. */
export async function findChromium(): Promise<string> {
  if (CHROME_PATH) return CHROME_PATH
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} on ${process.arch}`
    throw new Error(
      `the Chromium among the packages is for Linux on x64, this is ${here}: set CHROME_PATH to an installed Chrome`,
    )
  }
  const { default: packed } = await import('@sparticuz/chromium')
  return packed.executablePath()
}
