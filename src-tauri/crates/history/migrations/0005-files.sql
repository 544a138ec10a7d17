-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Bytes lie in files beside the database, named by the SHA-256 of what they hold; here is who refers to them.

CREATE TABLE attachment (
    key          INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    -- Of a message; or of what is being written in a conversation; or, with neither, in one not begun.
    conversation INTEGER REFERENCES conversation (key) ON DELETE CASCADE,
    message      INTEGER CHECK (message IS NULL OR conversation IS NOT NULL),
    place        INTEGER NOT NULL,
    name         TEXT    NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 4096),
    content      BLOB    NOT NULL CHECK (octet_length(content) = 32),
    size         INTEGER NOT NULL CHECK (size >= 0),
    -- What it says, where that was taken out of it.
    words        BLOB    CHECK (octet_length(words) = 32),
    -- JSON whose meaning is the caller's.
    details      TEXT    NOT NULL CHECK (octet_length(details) <= 1048576 AND json_valid(details)),
    picture      BLOB    CHECK (octet_length(picture) <= 1048576),
    FOREIGN KEY (conversation, message) REFERENCES message (conversation, key) ON DELETE CASCADE
) STRICT;

CREATE INDEX attachment_of ON attachment (message, place);
CREATE INDEX attachment_draft ON attachment (coalesce(conversation, 0), place) WHERE message IS NULL;
CREATE INDEX attachment_in ON attachment (conversation);
CREATE INDEX attachment_content ON attachment (content);
CREATE INDEX attachment_words ON attachment (words) WHERE words IS NOT NULL;

-- What the service read in a file, as the JSON that came: nothing is read, or paid, twice.
CREATE TABLE reading (
    content    BLOB NOT NULL PRIMARY KEY CHECK (octet_length(content) = 32),
    annotation TEXT NOT NULL CHECK (octet_length(annotation) <= 67108864 AND json_valid(annotation))
) STRICT, WITHOUT ROWID;

-- What searching the web for an answer took; its cost is part of the answer's.
ALTER TABLE message ADD COLUMN searches INTEGER;
ALTER TABLE message ADD COLUMN search_cost_nanos INTEGER
    CHECK (search_cost_nanos BETWEEN 0 AND 1000000000000000);
