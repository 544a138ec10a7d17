//! How an answer ends, and what is stored of it then.

use super::{Ended, Run, saving::written, since};
use crate::{
    app::blocking,
    cited,
    costs::FIRST_MS,
    files::parts,
    meta::meta,
    wire::{Change, Problem, ProblemCode as Code, Status},
};
use history::Finish;
use openrouter::{FinishReason, Usage};
use serde_json::Value;
use tokio::time::Instant;

impl Run {
    /// With words it was interrupted, without it failed.
    pub(super) fn broken(&self) -> history::Status {
        if self.first.is_some() || self.continued {
            history::Status::Interrupted
        } else {
            history::Status::Failed
        }
    }

    /// The stream ended by itself: well, cut short, or with a reason to explain.
    pub(super) fn ended(&self) -> Ended {
        let explain = |code, text: &str| Some(Problem::new(code, text));
        let problem = match &self.finish {
            None => {
                let text =
                    "The connection ended before the answer was complete. What came is kept.";
                return Ended(self.broken(), explain(Code::Again, text));
            }
            Some(FinishReason::Length) if self.wordless() => explain(
                Code::Again,
                "The model used its whole budget for thinking and had none left to answer.",
            ),
            Some(FinishReason::Length) => explain(
                Code::Again,
                "The answer reached the model's longest and was cut there.",
            ),
            Some(FinishReason::ContentFilter) => explain(
                Code::OtherModel,
                "The provider's filter ended this answer. Another model may go on.",
            ),
            Some(FinishReason::Error) => {
                let text = "The provider broke off. What came is kept.";
                return Ended(self.broken(), explain(Code::Again, text));
            }
            _ if self.first.is_none() && !self.continued => {
                explain(Code::Again, "The model answered with nothing. Try again.")
            }
            _ => None,
        };
        Ended(history::Status::Done, problem)
    }

    fn wordless(&self) -> bool {
        !self.spoke && !self.continued
    }

    pub(super) async fn store(mut self, Ended(status, problem): Ended) {
        self.present().await;
        // What is on its way to the disk must not come after the ending.
        if self.saving.is_some() {
            let done = written(&mut self.saving).await;
            self.written(done);
        }
        let mut stage = self.core.0.stage.lock().await;
        stage.close(self.id);
        let whole = stage
            .live(self.id)
            .map(|live| (live.text.clone(), live.reasoning.clone()));
        drop(stage);
        let (text, reasoning) = whole.unzip();
        let read: Vec<_> = match self.pdfs.files.is_empty() {
            true => Vec::new(),
            false => self.annotations.values(),
        };
        let pdfs = std::mem::take(&mut self.pdfs);
        let finish = self.ending(status, text, reasoning, problem.as_ref());
        let (id, conversation) = (self.id, self.conversation);
        let stored = self.core.stored(move |history| {
            history.finish(id, &finish)?;
            parts::keep_readings(history, &pdfs, &read);
            Ok((history.message(id)?, history.conversation(conversation)?))
        });
        let names = self.core.known_models().await;
        match stored.await {
            Ok((message, row)) => {
                let meta = meta(&message, &names);
                let marked = move || cited::marked(&message.text, message.annotations.as_deref());
                let marked = blocking(marked).await.ok().flatten();
                let mut stage = self.core.0.stage.lock().await;
                if let Some(marked) = marked {
                    stage.mark(id, marked);
                }
                stage.remove(id);
                stage.send(conversation, &Change::Meta { meta });
                drop(stage);
                self.core.changed(&row).await;
                if status != history::Status::Stopped {
                    let took = self.started.elapsed();
                    self.core.0.ports.front.answered(&row.title, took);
                }
                self.core.0.lookups.notify_one();
                // The first question has its answer.
                if status == history::Status::Done && row.message_count == 2 {
                    let core = self.core.clone();
                    tokio::spawn(async move { core.suggest_title(conversation).await });
                }
            }
            Err(problem) => {
                // Not stored: the words stay on stage, with the reason, until the app quits.
                let mut stage = self.core.0.stage.lock().await;
                let Some(live) = stage.live(id) else { return };
                live.meta.status = Status::Interrupted;
                live.meta.retrying = None;
                live.meta.problem = Some(problem);
                let meta = live.meta.clone();
                stage.send(conversation, &Change::Meta { meta });
            }
        }
        // What it cost shows in the key's meter; offline it simply stays as it was.
        let _ = self.core.refresh_account().await;
    }

    fn ending(
        &mut self,
        status: history::Status,
        text: Option<String>,
        reasoning: Option<String>,
        problem: Option<&Problem>,
    ) -> Finish {
        let odd = std::mem::take(&mut self.odd);
        let image_count = u32::try_from(odd.len()).unwrap_or(u32::MAX);
        let images = (!odd.is_empty()).then(|| (Value::Array(odd).to_string(), image_count));
        // Who never came to speak thought to the end.
        let thought = || since(self.thinking?, Instant::now());
        let usage = self.usage.as_ref().map(usage).unwrap_or_default();
        let now_ms = self.core.0.ports.nature.now_ms();
        // What failed is free ("zero completion insurance"); of what broke off, the service tells the cost later.
        let owed = usage.cost_nanos.is_none() && status != history::Status::Failed;
        Finish {
            text,
            reasoning,
            finish_reason: self
                .finish
                .as_ref()
                .map(|reason| reason.as_str().to_owned()),
            error: problem.and_then(|problem| serde_json::to_string(problem).ok()),
            usage,
            look_up_ms: owed.then_some(now_ms + FIRST_MS),
            generation_id: self.served.generation_id.take(),
            provider: self.served.provider.take(),
            served_model: self.served.served_model.take(),
            reasoning_details: self.details.json(),
            annotations: self.annotations.json(),
            tool_calls: self.tools.to_json(),
            images,
            thought_ms: self.served.thought_ms.or_else(thought),
            first_token_ms: self.first.and_then(|first| since(self.started, first)),
            ..Finish::new(status, now_ms)
        }
    }
}

/// What an answer took, as it is stored.
pub(crate) fn usage(usage: &Usage) -> history::Usage {
    history::Usage {
        prompt_tokens: Some(usage.prompt_tokens),
        completion_tokens: Some(usage.completion_tokens),
        reasoning_tokens: usage
            .completion_tokens_details
            .as_ref()
            .and_then(|d| d.reasoning_tokens),
        cached_tokens: usage
            .prompt_tokens_details
            .as_ref()
            .and_then(|d| d.cached_tokens),
        cost_nanos: usage.cost.and_then(nanos),
        searches: usage
            .server_tool_use_details
            .as_ref()
            .and_then(|d| d.web_search_requests),
        search_cost_nanos: usage
            .cost_details
            .as_ref()
            .and_then(|d| d.server_tool_cost)
            .and_then(nanos),
    }
}

/// Dollars as nano-dollars; nothing negative, nothing that is no amount.
#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn nanos(dollars: f64) -> Option<i64> {
    let nanos = (dollars * 1e9).round();
    (0.0..=1e15).contains(&nanos).then_some(nanos as i64)
}
