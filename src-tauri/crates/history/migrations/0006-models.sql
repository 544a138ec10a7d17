-- Migrations are immutable: people have databases made by this text. Change the schema in a new file.
--
-- Which answers are a model's, and which models there are, without reading all messages.
CREATE INDEX message_model ON message (model) WHERE model IS NOT NULL;
CREATE INDEX message_served ON message (served_model) WHERE served_model IS NOT NULL;
