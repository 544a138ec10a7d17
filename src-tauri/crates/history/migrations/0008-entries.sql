-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- A running answer has its reasoning details and annotations in pieces, too: entries of a JSON array as they stand
-- between its brackets, each but the first after its comma. No table can be told to check for other words than before.
ALTER TABLE chunk RENAME TO chunk_before;

CREATE TABLE chunk (
    message INTEGER NOT NULL REFERENCES message (key) ON DELETE CASCADE,
    part    TEXT    NOT NULL CHECK (part IN ('text', 'reasoning', 'reasoning_details', 'annotations')),
    start   INTEGER NOT NULL CHECK (start >= 0),
    text    TEXT    NOT NULL CHECK (text <> ''),
    PRIMARY KEY (message, part, start)
) STRICT, WITHOUT ROWID;

INSERT INTO chunk SELECT * FROM chunk_before;
DROP TABLE chunk_before;
