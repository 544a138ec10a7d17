//! Behaviour, by the rows of the threat catalogue.
