-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Models that answer the same questions side by side. Each has a branch of the conversation; a choice among them ends
-- the comparison and leaves the branches.
CREATE TABLE comparison (
    conversation INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    place        INTEGER NOT NULL CHECK (place BETWEEN 0 AND 3),
    model        TEXT    NOT NULL CHECK (octet_length(model) <= 4096),
    leaf         INTEGER NOT NULL,
    -- Who answers is not told before the choice.
    blind        INTEGER NOT NULL CHECK (blind IN (0, 1)),
    PRIMARY KEY (conversation, place),
    FOREIGN KEY (conversation, leaf) REFERENCES message (conversation, key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX comparison_leaf ON comparison (conversation, leaf);
