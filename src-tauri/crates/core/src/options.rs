//! How a model is asked: what the person set, checked, and sent only where the model takes it.

use crate::{
    Core,
    conversations::conversation_id,
    routing,
    wire::{
        Change, Conversation, Effort, Options, Problem, ProblemCode as Code, Supports, Thinking,
    },
};
use openrouter::{AskedReasoning as Reasoning, ChatRequest};
use serde_json::Value;

/// Longest system prompt, in bytes.
const SYSTEM_MAX: usize = 256 * 1024;
/// Most texts that end an answer (OpenRouter docs, "Parameters").
const STOP_MAX: usize = 4;
/// Longest of them, in characters.
const STOP_LENGTH: usize = 200;
/// Largest whole number that the window can hold.
const SEED_MAX: i64 = (1 << 53) - 1;

/// Results of a search of the web, at most.
const RESULTS_MAX: u32 = 20;
/// Most sites that a search is kept to or away from, and the longest, in bytes.
const SITES_MAX: usize = 20;
const SITE_LENGTH: usize = 200;

const EFFORTS: [(Effort, &str); 6] = [
    (Effort::Minimal, "minimal"),
    (Effort::Low, "low"),
    (Effort::Medium, "medium"),
    (Effort::High, "high"),
    (Effort::Xhigh, "xhigh"),
    (Effort::Max, "max"),
];

impl Core {
    /// Asks the next questions of a conversation with these options, and sends them to another model if one is named:
    /// also how a persona is applied.
    ///
    /// # Errors
    /// A value outside its range, or it can't be stored.
    pub async fn set_options(
        &self,
        id: &str,
        options: Options,
        model: Option<String>,
    ) -> Result<Conversation, Problem> {
        let id = conversation_id(id)?;
        let options = checked(options)?;
        let json = stored(&options);
        let mut stage = self.0.stage.lock().await;
        let conversation = self
            .stored(move |history| history.set_options(id, json.as_deref(), model.as_deref()))
            .await?;
        stage.send(id, &Change::Options { options });
        drop(stage);
        Ok(self.changed(&conversation).await)
    }
}

/// The options, if each is in its range. Empty texts count as not set.
///
/// # Errors
/// One sentence about the first that is not.
pub(crate) fn checked(mut options: Options) -> Result<Options, Problem> {
    options.system = options.system.filter(|text| !text.trim().is_empty());
    let says = [
        (
            options
                .system
                .as_ref()
                .is_some_and(|s| s.len() > SYSTEM_MAX),
            "The instructions are too long: 256 KB is the most.",
        ),
        (
            options
                .temperature
                .is_some_and(|t| !(0.0..=2.0).contains(&t)),
            "The temperature goes from 0 to 2.",
        ),
        (
            options.top_p.is_some_and(|p| !(p > 0.0 && p <= 1.0)),
            "Top-p is more than 0 and at most 1.",
        ),
        (
            options.max_tokens == Some(0),
            "An answer needs at least one token.",
        ),
        (
            options.thinking == Some(Thinking::Budget { tokens: 0 }),
            "A budget for thinking needs at least one token.",
        ),
        (
            options.stop.len() > STOP_MAX,
            "At most four texts can end an answer.",
        ),
        (
            options
                .stop
                .iter()
                .any(|s| s.is_empty() || s.chars().count() > STOP_LENGTH),
            "A text that ends an answer has 1 to 200 characters.",
        ),
        (
            options.seed.is_some_and(|s| s.abs() > SEED_MAX),
            "The seed is too large.",
        ),
        (
            options
                .web
                .results
                .is_some_and(|n| !(1..=RESULTS_MAX).contains(&n)),
            "A search has 1 to 20 results.",
        ),
        (
            options.web.only.len().max(options.web.never.len()) > SITES_MAX,
            "At most 20 sites can be named for the web search.",
        ),
        (
            !options.web.only.is_empty() && !options.web.never.is_empty(),
            "Name the sites to search, or the sites to leave out, not both.",
        ),
        (
            options
                .web
                .only
                .iter()
                .chain(&options.web.never)
                .any(|site| !is_site(site)),
            "A site is written as example.org, without spaces.",
        ),
    ];
    if let Some((_, text)) = says.into_iter().find(|(wrong, _)| *wrong) {
        return Err(Problem::new(Code::Refused, text));
    }
    options.routing = routing::checked(options.routing)?;
    Ok(options)
}

/// `example.org`, `*.example.org`, `example.org/part` (OpenRouter docs, "Web Search").
fn is_site(site: &str) -> bool {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | '/' | '~' | '%');
    site.len() <= SITE_LENGTH && site.contains('.') && site.chars().all(plain)
}

/// JSON as it was stored; none where there is none or it can't be read.
pub(crate) fn json(stored: Option<&str>) -> Option<Value> {
    stored.and_then(|json| serde_json::from_str(json).ok())
}

/// As they are stored; none for nothing special.
pub(crate) fn stored(options: &Options) -> Option<String> {
    (*options != Options::default())
        .then(|| serde_json::to_string(options).ok())
        .flatten()
}

/// As they were stored. What can't be read, such as a newer version's, is as good as not set.
pub(crate) fn read(json: Option<&str>) -> Options {
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

/// What a model takes, by its entry in the catalogue.
pub(crate) fn supports(model: &openrouter::Model) -> Supports {
    let can = |what: &str| model.supported_parameters.iter().any(|p| p == what);
    let reasoning = model.reasoning.as_ref();
    let efforts = match reasoning.map(|r| &r.supported_efforts) {
        Some(Some(listed)) => {
            let known = |word: &str| listed.iter().any(|l| l == word);
            EFFORTS
                .iter()
                .filter(|(_, w)| known(w))
                .map(|(e, _)| *e)
                .collect()
        }
        // It reasons and does not say how hard: these three are understood everywhere.
        Some(None) => vec![Effort::Low, Effort::Medium, Effort::High],
        None if can("reasoning") => vec![Effort::Low, Effort::Medium, Effort::High],
        None => Vec::new(),
    };
    Supports {
        temperature: can("temperature"),
        top_p: can("top_p"),
        max_tokens: can("max_tokens") || can("max_completion_tokens"),
        stop: can("stop"),
        seed: can("seed"),
        efforts,
        budget: reasoning.is_some_and(|r| r.supports_max_tokens),
        off: reasoning.map_or_else(|| can("reasoning"), |r| !r.mandatory),
    }
}

/// How hard a model reasons when it is left to it: as it says, or not at all.
pub(crate) fn usual_effort(reasoning: &openrouter::Reasoning) -> Option<Effort> {
    let word = reasoning.default_effort.as_deref()?;
    let (effort, _) = EFFORTS.iter().find(|(_, known)| *known == word)?;
    (reasoning.mandatory || reasoning.default_enabled != Some(false)).then_some(*effort)
}

/// What of the options goes to a model. One that the catalogue does not know gets all that was set: the service passes
/// over what it does not take.
pub(crate) fn allowed(mut options: Options, supports: Option<&Supports>) -> Options {
    let Some(supports) = supports else {
        return options;
    };
    let takes = |thinking: &Thinking| match thinking {
        Thinking::Off => supports.off,
        Thinking::Effort { effort } => supports.efforts.contains(effort),
        Thinking::Budget { .. } => supports.budget,
    };
    options.temperature = options.temperature.filter(|_| supports.temperature);
    options.top_p = options.top_p.filter(|_| supports.top_p);
    options.max_tokens = options.max_tokens.filter(|_| supports.max_tokens);
    options.seed = options.seed.filter(|_| supports.seed);
    options.thinking = options.thinking.filter(takes);
    if !supports.stop {
        options.stop.clear();
    }
    options
}

/// Puts the options into a request that names its model already; the system prompt is a message, and not its business.
pub(crate) fn apply(options: &Options, request: &mut ChatRequest) {
    request.temperature = options.temperature;
    request.top_p = options.top_p;
    request.max_completion_tokens = options.max_tokens;
    request.stop.clone_from(&options.stop);
    request.seed = options.seed;
    routing::apply(&options.routing, request);
    request.reasoning = options.thinking.map(|thinking| match thinking {
        Thinking::Off => Reasoning::Effort("none"),
        Thinking::Effort { effort } => Reasoning::Effort(word(effort)),
        Thinking::Budget { tokens } => Reasoning::MaxTokens(tokens),
    });
}

fn word(effort: Effort) -> &'static str {
    EFFORTS
        .iter()
        .find(|(known, _)| *known == effort)
        .map_or("medium", |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Routing;
    use crate::wire::{PdfReader, WebEngine, WebSearch};

    fn full() -> Options {
        Options {
            system: Some("Be brief.".into()),
            temperature: Some(0.7),
            top_p: Some(0.9),
            max_tokens: Some(500),
            thinking: Some(Thinking::Effort {
                effort: Effort::High,
            }),
            stop: vec!["END".into()],
            seed: Some(7),
            routing: Routing::default(),
            pdf: Some(PdfReader::Ocr),
            web: WebSearch {
                on: true,
                engine: Some(WebEngine::Exa),
                results: Some(3),
                only: vec!["example.org".into()],
                never: Vec::new(),
            },
        }
    }

    fn model(json: Value) -> Supports {
        supports(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn each_value_outside_its_range_is_named() {
        let wrong = |change: fn(&mut Options)| {
            let mut options = full();
            change(&mut options);
            checked(options).unwrap_err().message
        };
        let said = [
            wrong(|o| o.system = Some("x".repeat(SYSTEM_MAX + 1))),
            wrong(|o| o.temperature = Some(2.1)),
            wrong(|o| o.temperature = Some(f64::NAN)),
            wrong(|o| o.top_p = Some(0.0)),
            wrong(|o| o.max_tokens = Some(0)),
            wrong(|o| o.thinking = Some(Thinking::Budget { tokens: 0 })),
            wrong(|o| o.stop = vec!["x".into(); 5]),
            wrong(|o| o.stop = vec![String::new()]),
            wrong(|o| o.seed = Some(SEED_MAX + 1)),
            wrong(|o| o.web.results = Some(21)),
            wrong(|o| o.web.only = vec!["a.b".into(); 21]),
            wrong(|o| o.web.never = vec!["example.com".into()]),
            wrong(|o| o.web.only = vec!["a b.org".into()]),
        ];
        let topics = [
            "instructions",
            "temperature",
            "temperature",
            "Top-p",
            "answer",
            "thinking",
            "four",
            "200",
            "seed",
            "results",
            "20 sites",
            "not both",
            "example.org",
        ];
        for (sentence, topic) in said.iter().zip(topics) {
            assert!(sentence.contains(topic), "{sentence} / {topic}");
        }
        assert_eq!(checked(full()).unwrap(), full());
        let blank = Options {
            system: Some(" \n".into()),
            ..Options::default()
        };
        assert_eq!(checked(blank).unwrap(), Options::default());
    }

    #[test]
    fn a_model_says_what_it_takes_and_nothing_else_is_sent() {
        let plain = model(
            serde_json::json!({"id": "a/b", "supported_parameters": ["temperature", "stop"]}),
        );
        let expected = Supports {
            temperature: true,
            stop: true,
            ..Supports::default()
        };
        assert_eq!(plain, expected);
        let kept = allowed(full(), Some(&plain));
        let expected = Options {
            system: Some("Be brief.".into()),
            temperature: Some(0.7),
            stop: vec!["END".into()],
            pdf: full().pdf,
            web: full().web,
            ..Options::default()
        };
        assert_eq!(kept, expected);
        assert_eq!(allowed(full(), None), full(), "an unknown model");
    }

    #[test]
    fn reasoning_is_offered_as_the_model_lists_it() {
        let model = |reasoning| {
            model(
                serde_json::json!({"id": "a/b", "supported_parameters": ["reasoning"], "reasoning": reasoning}),
            )
        };
        let listed = model(serde_json::json!({
            "mandatory": true, "supported_efforts": ["high", "low", "none", "new"], "supports_max_tokens": true
        }));
        assert_eq!(listed.efforts, [Effort::Low, Effort::High]);
        assert!(listed.budget && !listed.off, "mandatory");
        let off = Options {
            thinking: Some(Thinking::Off),
            ..Options::default()
        };
        assert_eq!(allowed(off, Some(&listed)), Options::default());
        let silent = model(serde_json::json!({"supported_efforts": null}));
        assert_eq!(silent.efforts, [Effort::Low, Effort::Medium, Effort::High]);
        assert!(silent.off && !silent.budget);
    }
}
