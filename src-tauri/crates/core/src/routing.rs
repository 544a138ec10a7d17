//! Who may serve what is asked: what the person set everywhere and in a conversation, as one wish.

use crate::wire::{Problem, ProblemCode as Code, RouteSort, Routing};
use openrouter::{ApiError, ChatRequest, MaxPrice, ProviderPreferences};

/// Most providers in one list, and longest word for one.
const PROVIDERS_MAX: usize = 50;
const WORD_MAX: usize = 100;
/// Most models to ask instead.
const MODELS_MAX: usize = 3;
/// Longest id of a model.
const MODEL_MAX: usize = 200;
/// Most ways to keep a model's numbers.
const QUANTIZATIONS_MAX: usize = 20;
/// Dearest price that means something, in US dollars for a million tokens.
const PRICE_MAX: f64 = 1_000_000.0;

/// The wish, if each part of it is in its range; words are trimmed, and each counts once.
///
/// # Errors
/// One sentence about the first that is not.
pub(crate) fn checked(mut routing: Routing) -> Result<Routing, Problem> {
    let refuse = |text: &str| Err(Problem::new(Code::Refused, text));
    for list in [&mut routing.order, &mut routing.only, &mut routing.ignore] {
        tidy(list);
        if list.len() > PROVIDERS_MAX || list.iter().any(|word| !is_word(word, WORD_MAX)) {
            return refuse(
                "Name providers by their words on OpenRouter, such as anthropic or deepinfra/fp8; 50 at most.",
            );
        }
    }
    tidy(&mut routing.models);
    if routing.models.len() > MODELS_MAX || !routing.models.iter().all(|id| is_word(id, MODEL_MAX))
    {
        return refuse("Name up to three models by their ids, such as openai/gpt-5.2.");
    }
    tidy(&mut routing.quantizations);
    let quantizations = &routing.quantizations;
    if quantizations.len() > QUANTIZATIONS_MAX || !quantizations.iter().all(|q| is_word(q, 20)) {
        return refuse("Name quantisations as OpenRouter does, such as fp8 or bf16.");
    }
    let prices = [routing.max_input_price, routing.max_output_price];
    if prices
        .iter()
        .flatten()
        .any(|price| !(0.0..=PRICE_MAX).contains(price))
    {
        return refuse("A highest price is in US dollars for a million tokens, from 0.");
    }
    Ok(routing)
}

fn tidy(list: &mut Vec<String>) {
    let mut known = std::collections::HashSet::new();
    for word in list.iter_mut() {
        *word = word.trim().to_owned();
    }
    list.retain(|word| !word.is_empty() && known.insert(word.clone()));
}

fn is_word(word: &str, max: usize) -> bool {
    word.len() <= max && word.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}

/// What holds in a conversation: its own wish, and the one for everywhere where it has none. What is ignored
/// everywhere is ignored here, too.
pub(crate) fn merged(everywhere: &Routing, own: &Routing) -> Routing {
    let list =
        |own: &Vec<String>, other: &Vec<String>| if own.is_empty() { other } else { own }.clone();
    let mut ignore = [&*everywhere.ignore, &*own.ignore].concat();
    tidy(&mut ignore);
    Routing {
        keep_nothing: own.keep_nothing.or(everywhere.keep_nothing),
        no_training: own.no_training.or(everywhere.no_training),
        sort: own.sort.or(everywhere.sort),
        order: list(&own.order, &everywhere.order),
        only: list(&own.only, &everywhere.only),
        ignore,
        fallbacks: own.fallbacks.or(everywhere.fallbacks),
        models: list(&own.models, &everywhere.models),
        max_input_price: own.max_input_price.or(everywhere.max_input_price),
        max_output_price: own.max_output_price.or(everywhere.max_output_price),
        all_options: own.all_options.or(everywhere.all_options),
        quantizations: list(&own.quantizations, &everywhere.quantizations),
    }
}

/// Puts the wish into a request. What is as the service does it anyway is not sent.
pub(crate) fn apply(routing: &Routing, request: &mut ChatRequest) {
    let on = |wish: Option<bool>| wish.filter(|on| *on);
    let max = MaxPrice {
        prompt: routing.max_input_price.map(|usd| usd.to_string()),
        completion: routing.max_output_price.map(|usd| usd.to_string()),
    };
    let provider = ProviderPreferences {
        order: routing.order.clone(),
        only: routing.only.clone(),
        ignore: routing.ignore.clone(),
        allow_fallbacks: routing.fallbacks.filter(|may| !may),
        require_parameters: on(routing.all_options),
        data_collection: on(routing.no_training).map(|_| "deny"),
        zdr: on(routing.keep_nothing),
        quantizations: routing.quantizations.clone(),
        sort: routing.sort.map(|sort| match sort {
            RouteSort::Price => "price",
            RouteSort::Throughput => "throughput",
            RouteSort::Latency => "latency",
            RouteSort::Exacto => "exacto",
        }),
        max_price: (max != MaxPrice::default()).then_some(max),
    };
    let asked = &request.model;
    request.models = routing
        .models
        .iter()
        .filter(|id| *id != asked)
        .cloned()
        .collect();
    request.provider = (provider != ProviderPreferences::default()).then_some(provider);
}

/// Why nobody serves a request that asks something of providers; none when that is not what went wrong.
pub(crate) fn explain(error: &ApiError, request: &ChatRequest, why: &Problem) -> Option<Problem> {
    let provider = request.provider.as_ref()?;
    if !matches!(error.status, 404 | 503) || !matches!(why.code, Code::OtherModel | Code::Privacy) {
        return None;
    }
    let asks = [
        (provider.zdr.is_some(), "no data retention"),
        (provider.data_collection.is_some(), "no training"),
        (!provider.only.is_empty(), "only certain providers"),
        (!provider.ignore.is_empty(), "ignored providers"),
        (provider.max_price.is_some(), "a highest price"),
        (!provider.quantizations.is_empty(), "certain quantisations"),
        (provider.require_parameters.is_some(), "all options taken"),
        (
            provider.allow_fallbacks.is_some(),
            "no other than the first provider",
        ),
    ];
    let asks: Vec<&str> = asks
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, says)| *says)
        .collect();
    // An order or a sort leaves nobody out.
    if asks.is_empty() {
        return None;
    }
    let text = format!(
        "What you ask of providers leaves none for this model: {}. Change that, or choose another model.",
        asks.join(", ")
    );
    let mut detail = why.detail.clone().unwrap_or_default();
    for step in &error.funnel {
        detail.push_str(&format!("\n{}: {} left", step.name, step.left));
    }
    if let Some(failed) = &error.failed_step {
        detail.push_str(&format!("\n{failed}: none left"));
    }
    Some(Problem {
        detail: Some(detail.trim().to_owned()).filter(|detail| !detail.is_empty()),
        ..Problem::new(Code::Routing, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sent(routing: &Routing) -> Value {
        let mut request = ChatRequest {
            model: "a/b".into(),
            ..ChatRequest::default()
        };
        apply(routing, &mut request);
        serde_json::to_value(request).unwrap()
    }

    fn with(change: impl FnOnce(&mut Routing)) -> Routing {
        let mut routing = Routing::default();
        change(&mut routing);
        routing
    }

    #[test]
    fn nothing_is_sent_that_was_not_set() {
        assert_eq!(sent(&Routing::default()), json!({"model": "a/b"}));
        let usual = with(|r| {
            r.keep_nothing = Some(false);
            r.no_training = Some(false);
            r.fallbacks = Some(true);
            r.all_options = Some(false);
            r.models = vec!["a/b".into()];
        });
        assert_eq!(
            sent(&usual),
            json!({"model": "a/b"}),
            "as the service does it anyway"
        );
    }

    #[test]
    fn each_field_is_sent_as_the_contract_names_it() {
        let words = || vec!["deepinfra/fp8".to_owned(), "azure".to_owned()];
        let cases: Vec<(Routing, Value)> = vec![
            (with(|r| r.keep_nothing = Some(true)), json!({"zdr": true})),
            (
                with(|r| r.no_training = Some(true)),
                json!({"data_collection": "deny"}),
            ),
            (
                with(|r| r.sort = Some(RouteSort::Price)),
                json!({"sort": "price"}),
            ),
            (
                with(|r| r.sort = Some(RouteSort::Throughput)),
                json!({"sort": "throughput"}),
            ),
            (
                with(|r| r.sort = Some(RouteSort::Latency)),
                json!({"sort": "latency"}),
            ),
            (
                with(|r| r.sort = Some(RouteSort::Exacto)),
                json!({"sort": "exacto"}),
            ),
            (
                with(|r| r.order = words()),
                json!({"order": ["deepinfra/fp8", "azure"]}),
            ),
            (
                with(|r| r.only = words()),
                json!({"only": ["deepinfra/fp8", "azure"]}),
            ),
            (
                with(|r| r.ignore = words()),
                json!({"ignore": ["deepinfra/fp8", "azure"]}),
            ),
            (
                with(|r| r.fallbacks = Some(false)),
                json!({"allow_fallbacks": false}),
            ),
            (
                with(|r| r.max_input_price = Some(0.25)),
                json!({"max_price": {"prompt": "0.25"}}),
            ),
            (
                with(|r| r.max_output_price = Some(15.0)),
                json!({"max_price": {"completion": "15"}}),
            ),
            (
                with(|r| r.all_options = Some(true)),
                json!({"require_parameters": true}),
            ),
            (
                with(|r| r.quantizations = vec!["bf16".into()]),
                json!({"quantizations": ["bf16"]}),
            ),
        ];
        for (routing, provider) in cases {
            let expected = json!({"model": "a/b", "provider": provider});
            assert_eq!(sent(&routing), expected);
        }
        let models = with(|r| r.models = vec!["c/d".into(), "e/f".into()]);
        assert_eq!(
            sent(&models),
            json!({"model": "a/b", "models": ["c/d", "e/f"]})
        );
    }

    #[test]
    fn a_conversations_own_wish_counts_before_the_one_for_everywhere() {
        let everywhere = with(|r| {
            r.keep_nothing = Some(true);
            r.no_training = Some(true);
            r.ignore = vec!["x".into()];
            r.order = vec!["a".into()];
            r.max_input_price = Some(1.0);
        });
        let own = with(|r| {
            r.no_training = Some(false);
            r.ignore = vec!["y".into(), "x".into()];
            r.order = vec!["b".into()];
        });
        let expected = with(|r| {
            r.keep_nothing = Some(true);
            r.no_training = Some(false);
            r.ignore = vec!["x".into(), "y".into()];
            r.order = vec!["b".into()];
            r.max_input_price = Some(1.0);
        });
        assert_eq!(merged(&everywhere, &own), expected);
        assert_eq!(merged(&everywhere, &Routing::default()), everywhere);
    }

    #[test]
    fn what_is_no_provider_price_or_model_is_named() {
        let says = |change: fn(&mut Routing)| checked(with(change)).unwrap_err().message;
        assert!(says(|r| r.only = vec!["two words".into()]).contains("providers"));
        assert!(says(|r| r.order = (0..51).map(|n| n.to_string()).collect()).contains("50"));
        assert!(
            says(|r| r.models = vec!["a/b".into(), "a/c".into(), "a/d".into(), "a/e".into()])
                .contains("three")
        );
        assert!(says(|r| r.max_input_price = Some(-1.0)).contains("price"));
        assert!(says(|r| r.max_output_price = Some(f64::NAN)).contains("price"));
        assert!(says(|r| r.quantizations = vec!["ü".into()]).contains("fp8"));
        let tidy = checked(with(|r| {
            r.only = vec![" a ".into(), "a".into(), " ".into()];
        }))
        .unwrap();
        assert_eq!(tidy.only, ["a"]);
    }

    #[test]
    fn who_asks_too_much_of_providers_is_told_what_it_was() {
        let request = |routing: &Routing| {
            let mut request = ChatRequest::default();
            apply(routing, &mut request);
            request
        };
        let error = ApiError {
            status: 404,
            message: "No endpoints found matching your data policy.".into(),
            error_type: None,
            provider: None,
            limit_source: None,
            reason: None,
            retry_after: None,
            file_annotations: Vec::new(),
            funnel: vec![openrouter::Left {
                name: "Initial Endpoints".into(),
                left: 2,
            }],
            failed_step: Some("Filter by Data Policy".into()),
            fallback_models: Vec::new(),
        };
        let why = crate::problem::answer_api(&error);
        let strict = request(&with(|r| {
            r.keep_nothing = Some(true);
            r.max_input_price = Some(1.0);
        }));
        let told = explain(&error, &strict, &why).unwrap();
        assert_eq!(told.code, Code::Routing);
        assert!(
            told.message.contains("no data retention, a highest price."),
            "{}",
            told.message
        );
        assert!(
            told.detail
                .unwrap()
                .ends_with("Initial Endpoints: 2 left\nFilter by Data Policy: none left")
        );
        let sorted = request(&with(|r| r.sort = Some(RouteSort::Price)));
        assert_eq!(
            explain(&error, &sorted, &why),
            None,
            "an order leaves nobody out"
        );
        assert_eq!(
            explain(&error, &ChatRequest::default(), &why),
            None,
            "the account's own settings did it"
        );
    }
}
