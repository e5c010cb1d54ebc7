/** What stands before the kind of a problem in its `type`. */
export const PROBLEM_TYPE_PREFIX = 'urn:edge-event-store:problem:'
