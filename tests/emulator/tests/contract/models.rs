//! The catalogue.

use emulator::{Config, Emulator};
use serde_json::Value;

use crate::http::send;

async fn list(emulator: &Emulator, query: &str) -> Value {
    let target = format!("/api/v1/models{query}");
    let reply = send(emulator, "GET", &target, &[], "").await.unwrap();
    assert_eq!(reply.status, 200, "{query}");
    reply.json()
}

async fn start() -> Emulator {
    Emulator::start(Config::default()).await.unwrap()
}

#[tokio::test]
async fn the_list_has_the_size_of_the_real_one() {
    let emulator = start().await;
    let text = list(&emulator, "").await;
    assert_eq!(text["total_count"], 466);
    let target = "/api/v1/models?output_modalities=all";
    let all = send(&emulator, "GET", target, &[], "").await.unwrap();
    assert_eq!(all.json()["data"].as_array().unwrap().len(), 647);
    assert!(
        (930_000..990_000).contains(&all.body.len()),
        "{} bytes",
        all.body.len()
    );
    let again = start().await;
    let again = send(&again, "GET", target, &[], "").await.unwrap();
    assert!(all.body == again.body, "the same models every time");
}

#[tokio::test]
async fn every_model_has_the_fields_a_client_may_count_on() {
    let emulator = start().await;
    let all = list(&emulator, "?output_modalities=all").await;
    let models = all["data"].as_array().unwrap();
    let mut ids = std::collections::HashSet::new();
    for model in models {
        let id = model["id"].as_str().unwrap();
        assert!(ids.insert(id), "{id} comes twice");
        assert_eq!(id.matches('/').count(), 1, "{id}");
        for name in [
            "canonical_slug",
            "hugging_face_id",
            "name",
            "created",
            "description",
            "context_length",
            "architecture",
            "pricing",
            "top_provider",
            "per_request_limits",
            "supported_parameters",
            "default_parameters",
            "supported_voices",
            "knowledge_cutoff",
            "expiration_date",
            "links",
        ] {
            assert!(model.get(name).is_some(), "{id} has no {name}");
        }
        for price in ["prompt", "completion"] {
            let price = model["pricing"][price].as_str().unwrap();
            assert!(
                price.parse::<f64>().is_ok() && !price.contains('e'),
                "{id} costs {price}"
            );
        }
    }
    let having = |name: &str| {
        models
            .iter()
            .filter(|model| model.get(name).is_some())
            .count()
    };
    assert!((1..647).contains(&having("reasoning")) && (1..647).contains(&having("benchmarks")));
    assert_eq!(having("alias_target"), 6);
    assert_eq!(ids.iter().filter(|id| id.ends_with(":free")).count(), 24);
    assert!(ids.contains("anthropic/claude-sonnet-4.6"));
    let created: Vec<i64> = models
        .iter()
        .map(|m| m["created"].as_i64().unwrap())
        .collect();
    assert!(created.is_sorted_by(|a, b| a >= b), "newest first");
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged_on_demand() {
    let emulator = start().await;
    let images = list(&emulator, "?output_modalities=image").await;
    let is_image = |m: &Value| {
        let gives = m["architecture"]["output_modalities"].as_array().unwrap();
        gives.contains(&"image".into())
    };
    assert!(images["data"].as_array().unwrap().iter().all(is_image));
    let page = list(&emulator, "?offset=460&limit=10").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 6);
    assert_eq!(page["links"]["next"], Value::Null);
    let first = list(&emulator, "?limit=10").await;
    assert_eq!(first["links"]["next"], "/api/v1/models?offset=10&limit=10");
    let found = list(&emulator, "?q=sonnet&sort=pricing-high-to-low").await;
    assert!(found["total_count"].as_u64().unwrap() >= 10);
    let bad = send(
        &emulator,
        "GET",
        "/api/v1/models?output_modalities=smell",
        &[],
        "",
    )
    .await;
    let bad = bad.unwrap();
    assert_eq!(
        (bad.status, &bad.json()["error"]["name"]),
        (400, &"ZodError".into())
    );
    let count = send(&emulator, "GET", "/api/v1/models/count", &[], "")
        .await
        .unwrap();
    assert_eq!(count.json()["data"]["count"], 466);
}

#[tokio::test]
async fn a_known_list_is_not_sent_again_and_a_bad_key_does_not_matter() {
    let emulator = start().await;
    let headers = [("Authorization", "Bearer sk-or-v1-nonsense")];
    let first = send(&emulator, "GET", "/api/v1/models", &headers, "")
        .await
        .unwrap();
    assert_eq!(first.status, 200);
    let age = "public, max-age=120, stale-while-revalidate=3600";
    assert_eq!(first.header("cache-control"), Some(age));
    let tag = first.header("etag").unwrap();
    let known = [("If-None-Match", tag)];
    let second = send(&emulator, "GET", "/api/v1/models", &known, "")
        .await
        .unwrap();
    assert_eq!((second.status, second.body.len()), (304, 0));
    let user = send(&emulator, "GET", "/api/v1/models/user", &headers, "")
        .await
        .unwrap();
    assert_eq!(
        user.status, 401,
        "the user's own list needs a key that works"
    );
}

#[tokio::test]
async fn every_model_tells_its_endpoints() {
    let emulator = start().await;
    let models = list(&emulator, "").await;
    for model in models["data"].as_array().unwrap().iter().step_by(29) {
        let target = model["links"]["details"].as_str().unwrap();
        let reply = send(&emulator, "GET", target, &[], "").await.unwrap();
        assert_eq!(reply.status, 200, "{target}");
        assert_eq!(
            reply.json()["data"]["endpoints"].as_array().unwrap().len(),
            2
        );
    }
    let alias = "/api/v1/model/~anthropic/claude-sonnet-latest";
    let reply = send(&emulator, "GET", alias, &[], "").await.unwrap();
    assert_eq!(reply.json()["data"]["id"], "anthropic/claude-sonnet-5.5");
    let encoded = "/api/v1/model/qwen/qwen3.5-8b%3Anitro";
    assert_eq!(
        send(&emulator, "GET", encoded, &[], "")
            .await
            .unwrap()
            .status,
        200
    );
    let providers = send(&emulator, "GET", "/api/v1/providers", &[], "")
        .await
        .unwrap();
    assert!(providers.json()["data"].as_array().unwrap().len() > 40);
}
