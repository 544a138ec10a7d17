//! A title from a model, where the person chose one for it: one small request after the first answer.

use crate::{Core, links::clean, options, reply::usage, routing, wire::Options, wire::Thinking};
use history::ConversationId;
use openrouter::{ChatMessage, ChatRequest, Role};

/// How much of the question and of the answer is read, in characters.
const READ_MAX: usize = 2_000;
/// Tokens of the title with what is thought before it.
const TOKENS_MAX: u32 = 400;
/// Longest title, in characters.
const TITLE_MAX: usize = 60;
const ASK: &str = "Give the conversation below a title of two to six words in its own language. Answer with the title \
                   alone: no quotation marks, no full stop.";

impl Core {
    /// Asks the chosen model for a title, behind everything else. When that fails the one made here stays, and nobody
    /// is told: it was nobody's wish of the moment.
    pub(crate) async fn suggest_title(&self, id: ConversationId) -> Option<()> {
        // No list shows it.
        if id.is_temporary() {
            return None;
        }
        let model = self
            .settings()
            .title_model
            .filter(|model| !model.is_empty())?;
        let key = self.key().ok()?;
        let read = self.stored(move |history| {
            Ok((
                history.is_titled(id)?,
                history.thread(id, None)?,
                history.options(id)?,
            ))
        });
        let (titled, thread, own) = read.await.ok()?;
        if titled {
            return None;
        }
        let said: Vec<String> = thread
            .iter()
            .take(2)
            .map(|message| message.text.chars().take(READ_MAX).collect())
            .collect();
        let message = ChatMessage::words;
        let (_, supports) = self.known_model(&model).await;
        let wanted = Options {
            max_tokens: Some(TOKENS_MAX),
            // Off only where the catalogue says that it can be: elsewhere it may be refused.
            thinking: supports
                .as_ref()
                .is_some_and(|supports| supports.off)
                .then_some(Thinking::Off),
            // Its words are as private as the conversation that they are of.
            routing: routing::merged(
                &self.settings().routing,
                &options::read(own.as_deref()).routing,
            ),
            ..Options::default()
        };
        let mut request = ChatRequest {
            model,
            messages: vec![
                message(Role::System, ASK.to_owned()),
                message(Role::User, said.join("\n\n---\n\n")),
            ],
            ..ChatRequest::default()
        };
        options::apply(&options::allowed(wanted, supports.as_ref()), &mut request);
        let (text, told) = self.0.client.complete(&key, &request).await.ok()?;
        drop(key);
        let (title, cost) = (title(&text), told.and_then(|told| usage(&told).cost_nanos));
        let now = self.0.ports.nature.now_ms();
        let kept =
            self.stored(move |history| history.suggest_title(id, title.as_deref(), cost, now));
        let row = kept.await.ok()?;
        self.changed(&row).await;
        Some(())
    }
}

/// The title in what a model said: its first line, without what it was told to leave out.
fn title(said: &str) -> Option<String> {
    let line = said.lines().find(|line| !line.trim().is_empty())?;
    let line = markdown::plain(line);
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'“”„«»‘’.".contains(c));
    let title = clean(line, TITLE_MAX);
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_without_its_finery() {
        let said = |text: &str| title(text);
        assert_eq!(
            said("\n\"Two tides a day.\"\nBecause").as_deref(),
            Some("Two tides a day")
        );
        assert_eq!(said("**Spring tides**").as_deref(), Some("Spring tides"));
        assert_eq!(said("  \n\"\"").as_deref(), None);
        let long = said(&"word ".repeat(40)).unwrap();
        assert!(long.chars().count() <= TITLE_MAX, "{long}");
        assert_eq!(said("a\u{202e}b").as_deref(), Some("ab"));
    }
}
