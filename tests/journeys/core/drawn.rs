//! Pictures that models make, documents that are read here, and both on their way elsewhere.

use crate::{
    files::{answer_to, ask_with, bodies, pdf},
    harness::{App, Profile, connected, fresh},
    http,
    replies::ask,
};
use causeway_core::wire::{ExportForm, Options, ProblemCode as Code, Question, Status, Way};
use serde_json::json;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_a_model_makes_is_shown_kept_and_used_further() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let asked = ask(&app, None, "emulator/painter", "Paint a harbour.")
        .await
        .unwrap();
    let answer = answer_to(&app, &asked).await;
    assert_eq!(bodies(&emulator)[0]["modalities"], json!(["image", "text"]));
    let drawn = answer.meta.attachments[0].clone();
    assert_eq!(
        (drawn.name.as_str(), drawn.pixels),
        ("Picture 1.png", Some((16, 16)))
    );
    assert_eq!(
        app.stored_answer(&asked.answer).images,
        None,
        "kept once, as a file"
    );
    let again = app.profile.start(&emulator.origin()).await;
    let shown = crate::mirror::look(&again, &asked.conversation)
        .await
        .messages
        .remove(1);
    assert_eq!(shown.meta.attachments, std::slice::from_ref(&drawn));

    // Saved as it came, copied, and attached to the next question.
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("harbour.png");
    *again.person.saves.lock().unwrap() = Some(to.clone());
    // Whatever else lies there is the person's.
    let other = folder.path().join("harbour.png.part");
    fs::write(&other, "half a download").unwrap();
    again.core.save_file(&drawn.id).await.unwrap();
    assert_eq!(fs::read(&to).unwrap().len() as u64, drawn.size);
    assert_eq!(fs::read(&other).unwrap(), b"half a download");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    again.core.copy_picture(&drawn.id).await.unwrap();
    assert_eq!(
        again.clipboard.0.lock().unwrap().as_slice(),
        ["16 × 16: 1024 bytes"]
    );
    for _ in 0..2 {
        let used = again.core.reuse_file(&drawn.id, &asked.conversation);
        used.await.unwrap();
    }
    let waiting = again.core.files(Some(&asked.conversation)).await.unwrap();
    assert_eq!(waiting.len(), 1, "pressed twice, it goes once");
    let next = ask_with(
        &again,
        Some(&asked.conversation),
        "emulator/painter",
        "Now at night.",
    )
    .await;
    answer_to(&again, &next).await;
    let sent = bodies(&emulator).pop().unwrap();
    assert_eq!(
        sent["messages"][1]["images"].as_array().map(Vec::len),
        Some(1),
        "the model sees its own picture"
    );
    assert_eq!(sent["messages"][2]["content"][1]["type"], "image_url");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_read_here_and_sent_as_its_words() {
    let (emulator, app) = connected().await;
    let mut letter = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    letter.start_file("word/document.xml", plain).unwrap();
    std::io::Write::write_all(
        &mut letter,
        b"<w:document><w:p><w:r><w:t>Dear all</w:t></w:r></w:p></w:document>",
    )
    .unwrap();
    let letter = letter.finish().unwrap().into_inner();
    app.core
        .paste_file(None, "letter.docx".into(), letter.clone())
        .await
        .unwrap();
    let asked = ask_with(&app, None, "emulator/echo", "What does it say?").await;
    let answer = answer_to(&app, &asked).await;
    assert_eq!(answer.meta.status, Status::Done);
    let text = bodies(&emulator)[0]["messages"][0]["content"][1]["text"].clone();
    assert_eq!(text, "File “letter.docx”:\n```\nDear all\n```");
    // The document itself is kept, byte by byte.
    let question = crate::mirror::look(&app, &asked.conversation)
        .await
        .messages
        .remove(0);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("letter.docx");
    *app.person.saves.lock().unwrap() = Some(to.clone());
    app.core
        .save_file(&question.meta.attachments[0].id)
        .await
        .unwrap();
    assert_eq!(fs::read(to).unwrap(), letter);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_less_than_a_dollar_left_the_rule_for_pictures_is_told_and_words_alone_are_answered() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let approval = emulator.approve(auth.as_str(), Some(0.5)).unwrap();
    http::visit(&approval.redirect.unwrap()).await;
    app.connected().await;
    app.core.models().await;
    let asked = ask(&app, None, "emulator/painter", "Paint a harbour.").await;
    let answer = answer_to(&app, &asked.unwrap()).await;
    let problem = answer.meta.problem.unwrap();
    assert_eq!(problem.code, Code::KeyLimit);
    assert!(
        problem
            .message
            .contains("only while at least $1.00 is left"),
        "{}",
        problem.message
    );
    let question = Question {
        conversation: None,
        text: "Describe a harbour.".into(),
        model: "emulator/echo".into(),
        options: Some(Options {
            max_tokens: Some(100),
            ..Options::default()
        }),
        temporary: false,
        files: Vec::new(),
    };
    let asked = app.core.ask(question).await.unwrap();
    let answer = answer_to(&app, &asked).await;
    assert_eq!(
        answer.meta.status,
        Status::Done,
        "{:?}",
        answer.meta.problem
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pdf_is_shown_by_the_systems_program_as_a_copy_and_nothing_else_is() {
    let (emulator, app) = connected().await;
    let report = pdf(2, "words");
    let attach = async |name: &str, bytes: Vec<u8>| {
        app.core.paste_file(None, name.into(), bytes).await.unwrap();
        app.core.files(None).await.unwrap().pop().unwrap().id
    };
    let id = attach("report.desktop", report.clone()).await;
    app.core.open_file(&id).await.unwrap();
    let path = app.person.shown.lock().unwrap().pop().unwrap();
    assert!(path.ends_with("report.desktop.pdf"), "{path:?}");
    assert_eq!(fs::read(&path).unwrap(), report);
    // Whoever changes the copy changes no attachment.
    fs::write(&path, "changed").unwrap();
    let to = path.with_file_name("saved");
    *app.person.saves.lock().unwrap() = Some(to.clone());
    app.core.save_file(&id).await.unwrap();
    assert_eq!(fs::read(to).unwrap(), report);

    let text = attach("run.sh", b"#!/bin/sh\n".to_vec()).await;
    assert_eq!(
        app.core.open_file(&text).await.unwrap_err().code,
        Code::Again
    );
    assert!(app.person.shown.lock().unwrap().is_empty());
    let again = app.profile.start(&emulator.origin()).await;
    again.core.files(None).await.unwrap();
    assert!(!path.exists(), "copies go at the next start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_goes_to_another_computer_with_its_files_and_is_asked_on_there() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let report = pdf(3, "The margin fell.");
    let pasted = app.core.paste_file(None, "report.pdf".into(), report);
    pasted.await.unwrap();
    let asked = ask_with(&app, None, "emulator/blind-echo", "Summarise it.").await;
    answer_to(&app, &asked).await;
    let drawn = ask(
        &app,
        Some(&asked.conversation),
        "emulator/painter",
        "Paint it.",
    );
    answer_to(&app, &drawn.await.unwrap()).await;
    let read = emulator.readings();

    let folder = tempfile::tempdir().unwrap();
    let export = async |app: &App, name: &str| {
        let to = folder.path().join(name);
        *app.person.saves.lock().unwrap() = Some(to.clone());
        let done = app.core.export(None, ExportForm::Json, |_| {}).await;
        assert_eq!(done.unwrap().unwrap().missing, 0);
        to
    };
    let first = export(&app, "first.json").await;
    let other = Profile::new().start(&emulator.origin()).await;
    other.sign_in(&emulator).await;
    other.core.models().await;
    other.person.opens.lock().unwrap().push(first.clone());
    let looked = other.core.import_look(|_| {}).await.unwrap().unwrap();
    assert_eq!((looked.added, looked.messages, looked.left_out), (1, 4, 0));
    other.core.import(|_| {}).await.unwrap();
    let second = export(&other, "second.json").await;
    assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap());

    // The PDF goes out from there, with what was read in it, and the picture is shown.
    let next = ask(
        &other,
        Some(&asked.conversation),
        "emulator/painter",
        "And the outlook?",
    );
    let answer = answer_to(&other, &next.await.unwrap()).await;
    assert_eq!(
        answer.meta.status,
        Status::Done,
        "{:?}",
        answer.meta.problem
    );
    let sent = bodies(&emulator).pop().unwrap();
    assert_eq!(sent["messages"][0]["content"][1]["type"], "file");
    assert_eq!(sent["messages"][3]["images"][0]["type"], "image_url");
    assert_eq!(emulator.readings(), read, "read again");
    let picture = &crate::mirror::look(&other, &asked.conversation)
        .await
        .messages[3]
        .meta
        .attachments[0];
    other.core.file_picture(&picture.id, true).await.unwrap();
}
