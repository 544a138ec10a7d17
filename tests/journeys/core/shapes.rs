//! What a request looks like, whole, for every kind of thing that can be in it (OpenRouter docs, "Chat Completion",
//! "Multimodal", "Plugins", "Server Tools").

use crate::{
    changes::full,
    files::{answer_to, ask_with, bodies, pdf, picture},
    harness::connected,
    replies::ask,
};
use causeway_core::wire::{Options, PdfReader, Question, RouteSort, Routing, WebEngine, WebSearch};
use serde_json::Value;

/// Without what differs from run to run, and with long base64 as its length.
fn plain(mut body: Value) -> Value {
    fn shorten(value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some((head, data)) = text.split_once(";base64,") {
                    *text = format!("{head};base64,<{} letters>", data.len());
                } else if text.len() > 120 && !text.contains(' ') {
                    *text = format!("<{} letters>", text.len());
                }
            }
            Value::Array(list) => list.iter_mut().for_each(shorten),
            Value::Object(map) => map.values_mut().for_each(shorten),
            _ => {}
        }
    }
    body["session_id"] = "<the conversation>".into();
    shorten(&mut body);
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_that_was_not_set() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let asked = ask(&app, None, "emulator/reasoning", "Hello")
        .await
        .unwrap();
    answer_to(&app, &asked).await;
    insta::assert_json_snapshot!("nothing", plain(bodies(&emulator).pop().unwrap()));
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_option_has_its_documented_shape() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let routing = Routing {
        keep_nothing: Some(true),
        no_training: Some(true),
        sort: Some(RouteSort::Price),
        order: words(&["anthropic"]),
        only: words(&["anthropic", "google-vertex"]),
        ignore: words(&["azure"]),
        fallbacks: Some(false),
        models: words(&["emulator/prose"]),
        max_input_price: Some(3.0),
        max_output_price: Some(15.0),
        all_options: Some(true),
        quantizations: words(&["bf16"]),
    };
    let options = Options { routing, ..full() };
    let question = Question {
        conversation: None,
        text: "Hello".into(),
        model: "emulator/reasoning".into(),
        options: Some(options),
        temporary: false,
        files: Vec::new(),
    };
    let asked = app.core.ask(question).await.unwrap();
    answer_to(&app, &asked).await;
    insta::assert_json_snapshot!("everything", plain(bodies(&emulator).remove(0)));
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_draws_is_asked_for_pictures_and_shown_its_own() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let asked = ask(&app, None, "emulator/painter", "Paint.").await.unwrap();
    answer_to(&app, &asked).await;
    let next = ask(&app, Some(&asked.conversation), "emulator/painter", "And?");
    answer_to(&app, &next.await.unwrap()).await;
    insta::assert_json_snapshot!("pictures", plain(bodies(&emulator).pop().unwrap()));
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_attachment_has_its_documented_shape() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    for (name, bytes) in [
        ("notes.md", b"# Notes\n".to_vec()),
        ("harbour.png", picture(8, 8)),
        ("report.pdf", pdf(2, "words")),
        ("bell.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0".to_vec()),
    ] {
        app.core.paste_file(None, name.into(), bytes).await.unwrap();
    }
    let asked = ask_with(&app, None, "emulator/hearing-echo", "What is all this?").await;
    answer_to(&app, &asked).await;
    insta::assert_json_snapshot!("attachments", plain(bodies(&emulator).pop().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pdf_that_was_read_goes_out_with_what_was_read() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    app.core
        .paste_file(None, "report.pdf".into(), pdf(2, "words"))
        .await
        .unwrap();
    let asked = ask_with(&app, None, "emulator/blind-echo", "Read it.").await;
    answer_to(&app, &asked).await;
    let next = ask(
        &app,
        Some(&asked.conversation),
        "emulator/blind-echo",
        "And?",
    )
    .await
    .unwrap();
    answer_to(&app, &next).await;
    insta::assert_json_snapshot!("annotations", plain(bodies(&emulator).pop().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plugins_and_tools_say_what_the_options_say() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let web = WebSearch {
        on: true,
        engine: Some(WebEngine::Parallel),
        results: Some(8),
        only: Vec::new(),
        never: vec!["example.com".into()],
    };
    for (name, model) in [
        ("tool", "emulator/echo"),
        ("plugin", "emulator/toolless-echo"),
    ] {
        app.core
            .paste_file(None, "scan.pdf".into(), pdf(2, "words"))
            .await
            .unwrap();
        let files = app.core.files(None).await.unwrap();
        let question = Question {
            conversation: None,
            text: "Read and search.".into(),
            model: model.into(),
            options: Some(Options {
                pdf: Some(PdfReader::Ocr),
                web: web.clone(),
                ..Options::default()
            }),
            temporary: false,
            files: files.into_iter().map(|file| file.id).collect(),
        };
        let asked = app.core.ask(question).await.unwrap();
        let answer = answer_to(&app, &asked).await;
        assert_eq!(answer.meta.problem, None);
        assert_eq!(answer.meta.citations.len(), 2);
        insta::assert_json_snapshot!(name, plain(bodies(&emulator).pop().unwrap()));
    }
}
