import { useEffect, useMemo, useRef, useState } from 'react'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { TopicGraph, type TopicNode } from './topic-graph.ts'

/** Linking a graph of so many events takes long enough to be felt, when it is done several times a second. */
const MANY_EVENTS = 2_000

/** How often the graph of many events follows, in milliseconds. */
const PAUSE_MS = 1_000

/** The nodes of the event graph, of the items up to the last one. Items only ever grow, or are the beginning of what they were. */
export function useTopicNodes(items: readonly ConversationItem[]): readonly TopicNode[] {
  const [graph] = useState(() => new TopicGraph())
  const followed = useFollowed(items)
  return useMemo(() => {
    graph.feed(followed)
    return graph.upTo(followed.at(-1)?.seq ?? 0)
  }, [graph, followed])
}

/** The items; while many grow, those of a moment ago. */
function useFollowed(items: readonly ConversationItem[]): readonly ConversationItem[] {
  const [followed, setFollowed] = useState(items)
  const latest = useRef(items)
  useEffect(() => {
    latest.current = items
  }, [items])
  const isBehind = items.length > MANY_EVENTS && items.length > followed.length
  if (!isBehind && followed !== items) setFollowed(items)
  useEffect(() => {
    if (!isBehind) return
    const timer = setInterval(() => setFollowed(latest.current), PAUSE_MS)
    return () => clearInterval(timer)
  }, [isBehind])
  return isBehind ? followed : items
}
