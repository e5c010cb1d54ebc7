-- A place that JavaScript can count to: behind the largest bigint a conversation could never go on.
ALTER TABLE conversations ADD CONSTRAINT conversations_head_seq CHECK (head_seq BETWEEN 0 AND 9007199254740991);
