/** 7 days. */
const DEFAULT_SECONDS = 604_800

/** How long an idle conversation stays in its object, by the setting `HOT_RETENTION_SECONDS`; NaN where that is no number. */
export function hotRetentionSeconds(setting: string | undefined): number {
  // wrangler.toml may have a number.
  return Number(String(setting ?? '').trim() || DEFAULT_SECONDS)
}
