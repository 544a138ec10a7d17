-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Other words that are being written for a question that was asked, and are not asked yet.
CREATE TABLE revision (
    message INTEGER PRIMARY KEY REFERENCES message (key) ON DELETE CASCADE,
    text    TEXT    NOT NULL
) STRICT;
