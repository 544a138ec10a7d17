//! Who serves a request, after what it asks of providers.

use serde_json::{Value, json};

use crate::catalogue::{Model, Offer};
use crate::reply::{self, Reply};

/// What `provider` may hold, by the OpenAPI document.
const KNOWN: [&str; 14] = [
    "allow_fallbacks",
    "data_collection",
    "enforce_distillable_text",
    "ignore",
    "max_price",
    "only",
    "options",
    "order",
    "preferred_max_latency",
    "preferred_min_throughput",
    "quantizations",
    "require_parameters",
    "sort",
    "zdr",
];
/// What every provider takes, or the service itself sees to.
const TAKEN: [&str; 9] = [
    "model",
    "models",
    "messages",
    "stream",
    "provider",
    "plugins",
    "session_id",
    "user",
    "max_completion_tokens",
];

/// The provider that serves, or the refusal that tells which step left none.
pub(super) fn provider(model: &Model, body: &Value) -> Result<Offer, Reply> {
    let asked = &body["provider"];
    if let Some(wrong) = wrong(asked) {
        return Err(reply::zod(
            &format!("provider.{wrong}"),
            "valid",
            "Invalid input",
        ));
    }
    let mut offers = model.offers().to_vec();
    let mut funnel = vec![json!({"step": "Initial Endpoints", "endpoint_count": offers.len()})];
    let words = |name: &str| -> Vec<String> {
        let list = asked[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let names = |words: &[String], offer: &Offer| {
        let own = [offer.tag.to_lowercase(), offer.provider.to_lowercase()];
        words.iter().any(|word| own.contains(&word.to_lowercase()))
    };
    let (only, ignore, order) = (words("only"), words("ignore"), words("order"));
    let exact = words("quantizations");
    let price = |name: &str| {
        let value = &asked["max_price"][name];
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let (read, written) = (price("prompt"), price("completion"));
    let others_may = asked["allow_fallbacks"] != false;
    type Keep<'a> = Box<dyn Fn(&Offer) -> bool + 'a>;
    let steps: [(&str, Keep<'_>); 7] = [
        (
            "Filter by Data Policy",
            Box::new(|o| asked["data_collection"] != "deny" || !o.trains),
        ),
        (
            "Filter by ZDR",
            Box::new(|o| asked["zdr"] != true || o.private),
        ),
        (
            "Filter by Allowed Providers",
            Box::new(|o| only.is_empty() || names(&only, o)),
        ),
        (
            "Filter by Ignored Providers",
            Box::new(|o| !names(&ignore, o)),
        ),
        (
            "Filter by Quantization",
            Box::new(|o| exact.is_empty() || exact.iter().any(|q| q == o.quantization)),
        ),
        (
            "Filter by Price",
            Box::new(|o| {
                let within = |most: Option<f64>, price: f64| most.is_none_or(|m| price * 1e6 <= m);
                within(read, o.prices.0) && within(written, o.prices.1)
            }),
        ),
        (
            "Filter by Parameters",
            Box::new(|_| asked["require_parameters"] != true || takes_all(model, body)),
        ),
    ];
    for (step, keep) in steps {
        offers.retain(|offer| keep(offer));
        if offers.is_empty() {
            return Err(refusal(step, &funnel));
        }
        funnel.push(json!({"step": step, "endpoint_count": offers.len()}));
    }
    if !order.is_empty() && !others_may {
        offers.retain(|offer| names(&order, offer));
        if offers.is_empty() {
            return Err(refusal("Filter by Provider Order", &funnel));
        }
    }
    let place = |offer: &Offer| {
        let own = [offer.tag.to_lowercase(), offer.provider.to_lowercase()];
        let at = order
            .iter()
            .position(|word| own.contains(&word.to_lowercase()));
        at.unwrap_or(order.len())
    };
    let measure = |offer: &Offer| match asked["sort"].as_str() {
        Some("price") => offer.prices.1,
        Some("latency") => offer.pace.0,
        Some("throughput") => -offer.pace.1,
        _ => 0.0,
    };
    offers.sort_by(|a, b| {
        let by_place = place(a).cmp(&place(b));
        by_place.then(measure(a).total_cmp(&measure(b)))
    });
    Ok(offers.swap_remove(0))
}

fn refusal(step: &str, funnel: &[Value]) -> Reply {
    if step == "Filter by Data Policy" {
        return reply::case("data policy removes every endpoint");
    }
    let message = "No allowed providers are available for the selected model.";
    let metadata = json!({"routing_funnel": funnel, "failed_routing_step": step});
    let error = json!({"message": message, "code": 404, "metadata": metadata});
    reply::json(404, &json!({ "error": error }))
}

/// The first field that is not as the document has it.
fn wrong(asked: &Value) -> Option<String> {
    let fields = match asked {
        Value::Null => return None,
        Value::Object(fields) => fields,
        _ => return Some(String::new()),
    };
    let strings = |value: &Value| {
        let list = value.as_array();
        list.is_some_and(|list| list.iter().all(Value::is_string))
    };
    let fits = |name: &str, value: &Value| match name {
        "allow_fallbacks" | "require_parameters" | "zdr" | "enforce_distillable_text" => {
            value.is_boolean()
        }
        "order" | "only" | "ignore" | "quantizations" => strings(value),
        "data_collection" => matches!(value.as_str(), Some("allow" | "deny")),
        "sort" => {
            value.is_object()
                || matches!(
                    value.as_str(),
                    Some("price" | "throughput" | "latency" | "exacto")
                )
        }
        "max_price" => value.as_object().is_some_and(|prices| {
            let decimal =
                |v: &Value| v.is_number() || v.as_str().is_some_and(|t| t.parse::<f64>().is_ok());
            prices.iter().all(|(name, price)| {
                ["prompt", "completion", "image", "audio", "request"].contains(&&**name)
                    && decimal(price)
            })
        }),
        known => KNOWN.contains(&known),
    };
    let mut fields = fields.iter();
    fields
        .find(|(name, value)| !fits(name, value))
        .map(|(name, _)| name.clone())
}

fn takes_all(model: &Model, body: &Value) -> bool {
    let asked = body.as_object().into_iter().flatten();
    asked
        .map(|(name, _)| &**name)
        .all(|name| TAKEN.contains(&name) || model.supported_parameters.contains(&name))
}
