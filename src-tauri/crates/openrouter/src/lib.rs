//! openrouter
