import type { TopicNode } from './topic-graph.ts'

/** Tokens of the style sheet. A topic's name stands beside its colour, so that colours may come again. */
const COLORS = ['workflow', 'node', 'assistant', 'application', 'tool', 'warning', 'accent', 'success']

/** A colour for each topic, in the order in which they come up. */
export function topicColors(nodes: readonly TopicNode[]): ReadonlyMap<string | null, string> {
  const topics = [...new Set(nodes.map(({ topic }) => topic))]
  return new Map(topics.map((topic, index) => [topic, `var(--${COLORS[index % COLORS.length]})`]))
}
