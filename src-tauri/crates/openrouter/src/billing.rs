//! Who stops working, and charging, when a stream is dropped.

/// OpenRouter docs, "Streaming", section "Stream Cancellation" (as of August 2026): the providers that support it.
const STOP: [&str; 24] = [
    "anthropic",
    "anyscale",
    "avian",
    "azure",
    "chutes",
    "cloudflare",
    "cohere",
    "deepinfra",
    "deepseek",
    "fireworks",
    "friendli",
    "hyperbolic",
    "infermatic",
    "lepton",
    "liquid",
    "mancer",
    "nineteen",
    "novita",
    "octoai",
    "openai",
    "recursal",
    "sfcompute",
    "together",
    "xai",
];

/// The same section: the providers that finish, and charge for all of it; Bedrock in both its spellings.
const GO_ON: [&str; 25] = [
    "ai21",
    "aionlabs",
    "alibaba",
    "bedrock",
    "featherless",
    "google",
    "googleaistudio",
    "groq",
    "huggingface",
    "inferencenet",
    "inflection",
    "kluster",
    "lambda",
    "lynn",
    "minimax",
    "mistral",
    "modal",
    "nebius",
    "perplexity",
    "reflection",
    "replicate",
    "sambanova",
    "targon",
    "zerooneai",
    "amazonbedrock",
];

/// Whether a provider stops working and charging when the connection is dropped; none when the documents do not say.
/// Names are compared without case, spaces and punctuation: "Google AI Studio" is `googleaistudio`.
#[must_use]
pub fn stops_billing(provider: &str) -> Option<bool> {
    let letters = provider.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.take(40).map(|c| c.to_ascii_lowercase()).collect();
    if STOP.contains(&name.as_str()) {
        Some(true)
    } else if GO_ON.contains(&name.as_str()) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_names_as_they_are_told() {
        for name in [
            "OpenAI",
            "Anthropic",
            "xAI",
            "DeepInfra",
            "SF Compute",
            "AnyScale",
        ] {
            assert_eq!(stops_billing(name), Some(true), "{name}");
        }
        for name in [
            "Google AI Studio",
            "Amazon Bedrock",
            "Groq",
            "Inference.net",
            "Mistral",
        ] {
            assert_eq!(stops_billing(name), Some(false), "{name}");
        }
        for name in ["ExampleCo", "", "Open"] {
            assert_eq!(stops_billing(name), None, "{name}");
        }
        for name in STOP {
            assert!(!GO_ON.contains(&name), "{name} is in both");
        }
    }
}
