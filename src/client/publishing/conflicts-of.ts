/** Ids in the service's answer that stand with other content, so that these events were not stored. */
export function conflictsOf(answer: string): string[] {
  try {
    const { conflicts } = JSON.parse(answer) as { conflicts?: unknown }
    return Array.isArray(conflicts) ? conflicts.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
