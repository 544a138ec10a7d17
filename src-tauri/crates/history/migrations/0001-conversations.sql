-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Rows refer to each other by small integer keys; the window knows them by their UUIDs (16 bytes).
-- Times are milliseconds since 1970 UTC, money is nano-USD, sizes are bytes of UTF-8.

CREATE TABLE conversation (
    key           INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    title         TEXT    NOT NULL CHECK (octet_length(title) <= 4096),
    model         TEXT    NOT NULL CHECK (octet_length(model) <= 4096),
    created_ms    INTEGER NOT NULL,
    updated_ms    INTEGER NOT NULL,
    pinned        INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    deleted_ms    INTEGER,
    leaf          INTEGER,
    -- Sums over the messages, kept by the triggers below, so that a list never reads a message.
    message_count INTEGER NOT NULL DEFAULT 0,
    cost_nanos    INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (key, leaf) REFERENCES message (conversation, key) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX conversation_listed ON conversation (pinned, updated_ms, id) WHERE deleted_ms IS NULL;

CREATE TABLE message (
    key               INTEGER PRIMARY KEY,
    id                BLOB    NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    conversation      INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    -- A parent is always older, so a thread cannot be a circle and sorting by key is sorting by depth.
    parent            INTEGER CHECK (parent < key),
    role              TEXT    NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    status            TEXT    NOT NULL
                      CHECK (status IN ('streaming', 'done', 'stopped', 'interrupted', 'failed')),
    created_ms        INTEGER NOT NULL,
    ended_ms          INTEGER,
    first_token_ms    INTEGER,
    thought_ms        INTEGER,
    model             TEXT    CHECK (octet_length(model) <= 4096),
    served_model      TEXT    CHECK (octet_length(served_model) <= 4096),
    provider          TEXT    CHECK (octet_length(provider) <= 4096),
    generation_id     TEXT    CHECK (octet_length(generation_id) <= 4096),
    finish_reason     TEXT    CHECK (octet_length(finish_reason) <= 4096),
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens  INTEGER,
    cached_tokens     INTEGER,
    cost_nanos        INTEGER CHECK (cost_nanos BETWEEN 0 AND 1000000000000000),
    -- The long ones last: a read that does not want them does not walk through them.
    error             TEXT    CHECK (octet_length(error) <= 67108864 AND json_valid(error)),
    text              TEXT    NOT NULL CHECK (octet_length(text) <= 67108864),
    reasoning         TEXT    NOT NULL DEFAULT '' CHECK (octet_length(reasoning) <= 67108864),
    reasoning_details TEXT
                      CHECK (octet_length(reasoning_details) <= 67108864 AND json_valid(reasoning_details)),
    annotations       TEXT    CHECK (octet_length(annotations) <= 67108864 AND json_valid(annotations)),
    UNIQUE (conversation, key),
    -- The pair, not the parent alone: a thread cannot lead into another conversation.
    FOREIGN KEY (conversation, parent) REFERENCES message (conversation, key)
) STRICT;

CREATE INDEX message_siblings ON message (conversation, parent);
CREATE INDEX message_streaming ON message (key) WHERE status = 'streaming';
CREATE INDEX message_spent ON message (ended_ms, cost_nanos) WHERE cost_nanos > 0;

CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE conversation
    SET message_count = message_count + 1, cost_nanos = cost_nanos + coalesce(new.cost_nanos, 0)
    WHERE key = new.conversation;
END;

CREATE TRIGGER message_paid AFTER UPDATE OF cost_nanos ON message BEGIN
    UPDATE conversation
    SET cost_nanos = cost_nanos - coalesce(old.cost_nanos, 0) + coalesce(new.cost_nanos, 0)
    WHERE key = new.conversation;
END;

-- What a running answer has received since its row was written, in pieces: appending one costs the
-- same at the end of a long answer as at its start. Folded into the message when the answer ends.
CREATE TABLE chunk (
    message INTEGER NOT NULL REFERENCES message (key) ON DELETE CASCADE,
    part    TEXT    NOT NULL CHECK (part IN ('text', 'reasoning')),
    start   INTEGER NOT NULL CHECK (start >= 0),
    text    TEXT    NOT NULL CHECK (text <> ''),
    PRIMARY KEY (message, part, start)
) STRICT, WITHOUT ROWID;

-- No conversation: the composer of one that is not begun.
CREATE TABLE draft (
    conversation INTEGER REFERENCES conversation (key) ON DELETE CASCADE,
    text         TEXT NOT NULL CHECK (octet_length(text) <= 67108864)
) STRICT;

CREATE UNIQUE INDEX draft_of ON draft (coalesce(conversation, 0));
