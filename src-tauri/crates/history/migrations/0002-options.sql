-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Options, images and tool calls are JSON whose meaning is the caller's.

ALTER TABLE conversation ADD COLUMN options TEXT
    CHECK (octet_length(options) <= 1048576 AND json_valid(options));
-- The title is the person's own: nothing else may replace it. Of those made before, nobody knows.
ALTER TABLE conversation ADD COLUMN titled INTEGER NOT NULL DEFAULT 0 CHECK (titled IN (0, 1));
UPDATE conversation SET titled = 1;

-- Deleted with all that follows it. It stays in the file until its conversation goes.
ALTER TABLE message ADD COLUMN deleted_ms INTEGER;
-- What was shown when it was deleted, to be shown again when that is undone.
ALTER TABLE message ADD COLUMN deleted_leaf INTEGER;
-- What the answer was asked with.
ALTER TABLE message ADD COLUMN options TEXT
    CHECK (octet_length(options) <= 1048576 AND json_valid(options));
ALTER TABLE message ADD COLUMN tool_calls TEXT
    CHECK (octet_length(tool_calls) <= 67108864 AND json_valid(tool_calls));
ALTER TABLE message ADD COLUMN image_count INTEGER NOT NULL DEFAULT 0 CHECK (image_count >= 0);
ALTER TABLE message ADD COLUMN images TEXT
    CHECK (octet_length(images) <= 67108864 AND json_valid(images));

-- Siblings are counted for every message that is shown: the index alone must tell which are deleted.
DROP INDEX message_siblings;
CREATE INDEX message_siblings ON message (conversation, parent, deleted_ms);

-- Whether anything is deleted in a conversation, without walking through it.
CREATE INDEX message_deleted ON message (conversation) WHERE deleted_ms IS NOT NULL;

-- A named way to ask.
CREATE TABLE persona (
    key        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    name       TEXT    NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 4096),
    model      TEXT    CHECK (octet_length(model) <= 4096),
    options    TEXT    NOT NULL CHECK (octet_length(options) <= 1048576 AND json_valid(options)),
    created_ms INTEGER NOT NULL
) STRICT;

-- Answers that ended before their cost was told: the service is asked for it later.
CREATE TABLE lookup (
    message INTEGER PRIMARY KEY REFERENCES message (key) ON DELETE CASCADE,
    tries   INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    due_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX lookup_due ON lookup (due_ms);

-- What a conversation cost beside its answers, such as its title.
CREATE TABLE charge (
    key          INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    at_ms        INTEGER NOT NULL,
    cost_nanos   INTEGER NOT NULL CHECK (cost_nanos BETWEEN 0 AND 1000000000000000)
) STRICT;

CREATE INDEX charge_spent ON charge (at_ms, cost_nanos);
CREATE INDEX charge_of ON charge (conversation);

CREATE TRIGGER charge_added AFTER INSERT ON charge BEGIN
    UPDATE conversation SET cost_nanos = cost_nanos + new.cost_nanos WHERE key = new.conversation;
END;
