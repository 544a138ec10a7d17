//! Asking, in short.

use crate::{harness::App, mirror::Mirror};
use causeway_core::wire::{Asked, Message, Problem, Question};

pub async fn ask(
    app: &App,
    conversation: Option<&str>,
    model: &str,
    text: &str,
) -> Result<Asked, Problem> {
    let question = Question {
        conversation: conversation.map(str::to_owned),
        text: text.to_owned(),
        model: model.to_owned(),
        options: None,
        temporary: false,
        files: Vec::new(),
    };
    app.core.ask(question).await
}

/// A new conversation, a question and its whole answer.
pub async fn ask_and_wait(app: &App, model: &str, text: &str) -> (Asked, Message) {
    let asked = ask(app, None, model, text).await.unwrap();
    let message = Mirror::open(app, "main", &asked.conversation)
        .await
        .end_of(&asked.answer)
        .await;
    (asked, message)
}

/// The words of an answer, without their markup.
pub fn words(message: &Message) -> String {
    let html = message.blocks.concat() + &message.tail + &message.line;
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.trim().to_owned()
}
