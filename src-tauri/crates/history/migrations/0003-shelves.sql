-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Where a conversation is listed, and what can be searched.

CREATE TABLE folder (
    key        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    name       TEXT    NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 4096),
    created_ms INTEGER NOT NULL
) STRICT;

ALTER TABLE conversation ADD COLUMN folder INTEGER REFERENCES folder (key) ON DELETE SET NULL;
ALTER TABLE conversation ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
-- The one list that it stands in: a folder by its key, which is positive; then there are 0 the open list, -1 the
-- pinned, -2 the archive, -3 the trash.
ALTER TABLE conversation ADD COLUMN shelf INTEGER AS (
    CASE WHEN deleted_ms IS NOT NULL THEN -3 WHEN archived = 1 THEN -2 WHEN pinned = 1 THEN -1
         ELSE coalesce(folder, 0) END) VIRTUAL;
-- The trash is in the order of throwing away, all else in that of use.
ALTER TABLE conversation ADD COLUMN listed_ms INTEGER AS (coalesce(deleted_ms, updated_ms)) VIRTUAL;

CREATE INDEX conversation_shelf ON conversation (shelf, listed_ms, id);

-- The indexes hold every three characters that follow each other, of the text as it is folded for searching. They hold
-- neither texts nor places: what is found is looked at again. They are filled after the fact, out of `to_index`, so that
-- a write costs no more for being searchable.
CREATE VIRTUAL TABLE said USING fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
CREATE VIRTUAL TABLE titles USING fts5 (
    title, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
-- For words that are shorter than what is indexed.
CREATE VIRTUAL TABLE said_terms USING fts5vocab ('said', 'row');
CREATE VIRTUAL TABLE title_terms USING fts5vocab ('titles', 'row');

CREATE TABLE to_index (
    part TEXT    NOT NULL CHECK (part IN ('message', 'title')),
    row  INTEGER NOT NULL,
    PRIMARY KEY (part, row)
) STRICT, WITHOUT ROWID;

-- A growing answer is indexed once, when it ends.
CREATE TRIGGER message_said AFTER INSERT ON message
WHEN new.status <> 'streaming' AND new.role <> 'system' AND new.text <> '' BEGIN
    INSERT OR IGNORE INTO to_index VALUES ('message', new.key);
END;

CREATE TRIGGER message_said_anew AFTER UPDATE OF text ON message
WHEN new.status <> 'streaming' AND new.role <> 'system' AND new.text <> '' BEGIN
    INSERT OR IGNORE INTO to_index VALUES ('message', new.key);
END;

CREATE TRIGGER conversation_titled AFTER INSERT ON conversation BEGIN
    INSERT OR IGNORE INTO to_index VALUES ('title', new.key);
END;

CREATE TRIGGER conversation_titled_anew AFTER UPDATE OF title ON conversation
WHEN new.title <> old.title BEGIN
    INSERT OR IGNORE INTO to_index VALUES ('title', new.key);
END;

INSERT INTO to_index SELECT 'message', key FROM message
WHERE status <> 'streaming' AND role <> 'system' AND text <> '';
INSERT INTO to_index SELECT 'title', key FROM conversation;

-- What conversations cost that are gone for good: the money is spent.
CREATE TABLE spent (
    key        INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    model      TEXT,
    cost_nanos INTEGER NOT NULL CHECK (cost_nanos BETWEEN 0 AND 1000000000000000)
) STRICT;

CREATE INDEX spent_at ON spent (at_ms, cost_nanos);

CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
    DELETE FROM said WHERE rowid = old.key;
    DELETE FROM to_index WHERE part = 'message' AND row = old.key;
    INSERT INTO spent (at_ms, model, cost_nanos)
    SELECT coalesce(old.ended_ms, old.created_ms), coalesce(old.served_model, old.model), old.cost_nanos
    WHERE old.cost_nanos > 0;
END;

CREATE TRIGGER charge_gone AFTER DELETE ON charge BEGIN
    INSERT INTO spent (at_ms, cost_nanos) VALUES (old.at_ms, old.cost_nanos);
END;

CREATE TRIGGER conversation_gone AFTER DELETE ON conversation BEGIN
    DELETE FROM titles WHERE rowid = old.key;
    DELETE FROM to_index WHERE part = 'title' AND row = old.key;
END;
