-- What is known of each conversation, kept by the append. `event_count` counts the quarantined events too. A row with a count
-- of zero is what a clearing leaves behind, so that a repeated clearing still names the conversation; readers skip it.
CREATE TABLE conversations (
  tenant_id text NOT NULL,
  conversation_id text NOT NULL,
  head_seq bigint NOT NULL,
  event_count bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  -- Position of the latest event, in the feed's numbers: unique, and newest activity has the highest.
  activity bigint NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id)
);

CREATE INDEX conversations_activity ON conversations (tenant_id, activity) WHERE event_count > 0;
