//! What is attached, and what is asked with it.

use crate::{
    harness::{App, Profile, asked, connected, emulator},
    mirror::Mirror,
    replies::ask,
};
use causeway_core::wire::{
    Asked, Edit, FileKind, FileState, Message, Options, PdfReader, ProblemCode as Code, Question,
    Status, WebEngine, WebSearch,
};
use emulator::Emulator;
use serde_json::{Value, json};
use std::fs;

const CHAT: &str = "/api/v1/chat/completions";

/// A PDF of so many pages that says these words.
pub fn pdf(pages: u32, words: &str) -> Vec<u8> {
    format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [] /Count {pages} >>\nendobj\n2 0 obj\n<< /Length 60 >>\nstream\nBT \
         ({words}) Tj ET\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )
    .into_bytes()
}

/// A question with files.
pub async fn ask_with(app: &App, conversation: Option<&str>, model: &str, text: &str) -> Asked {
    let files = app.core.files(conversation).await.unwrap();
    let question = Question {
        conversation: conversation.map(str::to_owned),
        text: text.to_owned(),
        model: model.to_owned(),
        options: None,
        temporary: false,
        files: files.into_iter().map(|file| file.id).collect(),
    };
    app.core.ask(question).await.unwrap()
}

pub async fn answer_to(app: &App, asked: &Asked) -> Message {
    let mirror = Mirror::open(app, "main", &asked.conversation).await;
    mirror.end_of(&asked.answer).await
}

pub fn bodies(emulator: &Emulator) -> Vec<Value> {
    let sent = asked(emulator, "POST", CHAT).into_iter();
    sent.map(|request| request.json().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_sent_with_its_name_in_a_fence_and_stays_with_the_conversation() {
    let (emulator, app) = connected().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.csv");
    fs::write(&path, b"\xff\xfea\0,\0\xdf\0\r\0\n\0").unwrap();
    app.person.opens.lock().unwrap().push(path);
    app.core.pick_files(None).await.unwrap();
    let file = app.core.files(None).await.unwrap().remove(0);
    assert_eq!(
        (file.kind, file.letters, file.state),
        (FileKind::Text, Some(4), FileState::Ready)
    );
    let asked = ask_with(&app, None, "emulator/echo", "What is in it?").await;
    let answer = answer_to(&app, &asked).await;
    assert_eq!(answer.meta.status, Status::Done);
    assert_eq!(
        bodies(&emulator)[0]["messages"],
        json!([{"role": "user", "content": [
            {"type": "text", "text": "What is in it?"},
            {"type": "text", "text": "File “notes.csv”:\n```\na,ß\n```"},
        ]}])
    );
    assert_eq!(
        app.core.files(None).await.unwrap(),
        [],
        "it went with the question"
    );

    let again = app.profile.start(&emulator.origin()).await;
    let question = crate::mirror::look(&again, &asked.conversation)
        .await
        .messages
        .remove(0);
    let kept = &question.meta.attachments[0];
    assert_eq!((kept.name.as_str(), kept.size), ("notes.csv", 12));
    assert_eq!(again.core.file_text(&kept.id).await.unwrap(), "a,ß\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pdf_is_read_once_whatever_is_asked_about_it_and_by_the_engine_that_costs_nothing() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let report = pdf(14, "The margin fell by 2.4 points.");
    app.core
        .paste_file(None, "q3-report.pdf".into(), report)
        .await
        .unwrap();
    let file = app.core.files(None).await.unwrap().remove(0);
    assert_eq!((file.kind, file.pages), (FileKind::Pdf, Some(14)));
    let first = ask_with(&app, None, "emulator/blind-echo", "Summarise it.").await;
    answer_to(&app, &first).await;
    let free = [("q3-report.pdf".to_owned(), "cloudflare-ai".to_owned())];
    assert_eq!(emulator.readings(), free);

    // A second question brings what was read.
    let second = ask(
        &app,
        Some(&first.conversation),
        "emulator/blind-echo",
        "And the outlook?",
    )
    .await
    .unwrap();
    answer_to(&app, &second).await;
    let sent = bodies(&emulator).pop().unwrap();
    assert_eq!(
        sent["messages"][1]["annotations"][0]["file"]["name"],
        "q3-report.pdf"
    );
    assert_eq!(
        emulator.readings(),
        free,
        "read twice by the second question"
    );

    // An answer beside the first one has nothing before it that would bring it: it is given the words.
    let beside = app
        .core
        .retry(&first.answer, Some("emulator/case-plain".into()), None)
        .await
        .unwrap();
    answer_to(&app, &beside).await;
    let again = app
        .core
        .retry(&first.answer, Some("emulator/blind-echo".into()), None)
        .await
        .unwrap();
    answer_to(&app, &again).await;
    let sent = bodies(&emulator).pop().unwrap();
    let parts = sent["messages"][0]["content"].as_array().unwrap();
    assert!(
        parts[1]["text"]
            .as_str()
            .unwrap()
            .contains("The margin fell by 2.4 points."),
        "{sent:#}"
    );
    assert_eq!(emulator.readings(), free, "read twice by a retry");

    // Also in another conversation, under another name.
    let same = pdf(14, "The margin fell by 2.4 points.");
    app.core
        .paste_file(None, "copy.pdf".into(), same)
        .await
        .unwrap();
    let other = ask_with(&app, None, "emulator/blind-echo", "The same?").await;
    answer_to(&app, &other).await;
    assert_eq!(
        emulator.readings(),
        free,
        "read twice in another conversation"
    );
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_takes_files_reads_a_pdf_itself_and_scans_are_read_only_on_demand() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let engine = |body: &Value| body["plugins"][0]["pdf"]["engine"].clone();
    app.core
        .paste_file(None, "a.pdf".into(), pdf(2, "a"))
        .await
        .unwrap();
    let asked = ask_with(&app, None, "emulator/echo", "Read it.").await;
    answer_to(&app, &asked).await;
    assert_eq!(engine(&bodies(&emulator)[0]), "native");
    assert_eq!(emulator.readings(), [], "the model read it");

    let options = Options {
        pdf: Some(PdfReader::Ocr),
        ..Options::default()
    };
    app.core
        .set_options(&asked.conversation, options, None)
        .await
        .unwrap();
    let again = app.core.retry(&asked.answer, None, None).await.unwrap();
    let answer = answer_to(&app, &again).await;
    assert_eq!(engine(&bodies(&emulator)[1]), "mistral-ocr");
    assert_eq!(
        emulator.readings(),
        [("a.pdf".to_owned(), "mistral-ocr".to_owned())]
    );
    assert!(answer.meta.cost_usd.unwrap() > 0.004, "two pages cost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_is_read_again_when_it_was_read_by_who_reads_no_scans_and_then_never_more() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    app.core
        .paste_file(None, "scan.pdf".into(), pdf(3, "scan"))
        .await
        .unwrap();
    let asked = ask_with(&app, None, "emulator/blind-echo", "Read it.").await;
    answer_to(&app, &asked).await;
    let options = Options {
        pdf: Some(PdfReader::Ocr),
        ..Options::default()
    };
    app.core
        .set_options(&asked.conversation, options, None)
        .await
        .unwrap();
    for words in ["Now the scan, too.", "And once more."] {
        let next = ask(
            &app,
            Some(&asked.conversation),
            "emulator/blind-echo",
            words,
        );
        answer_to(&app, &next.await.unwrap()).await;
    }
    let engines: Vec<_> = emulator
        .readings()
        .into_iter()
        .map(|(_, engine)| engine)
        .collect();
    assert_eq!(engines, ["cloudflare-ai", "mistral-ocr"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_question_keeps_its_files_and_another_one_in_its_place_does_not() {
    let (emulator, app) = connected().await;
    app.core
        .paste_file(None, "a.txt".into(), b"alpha".to_vec())
        .await
        .unwrap();
    let first = ask_with(&app, None, "emulator/echo", "one").await;
    answer_to(&app, &first).await;
    let question = crate::mirror::look(&app, &first.conversation)
        .await
        .messages
        .remove(0);
    for (keep_files, parts) in [(true, 2), (false, 0)] {
        let edit = Edit {
            message: question.meta.id.clone(),
            text: "two".into(),
            model: None,
            keep_files,
        };
        let edited = app.core.edit(edit).await.unwrap();
        answer_to(&app, &edited).await;
        let sent = bodies(&emulator).pop().unwrap();
        let content = &sent["messages"][0]["content"];
        assert_eq!(content.as_array().map_or(0, Vec::len), parts, "{content}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_cannot_see_is_refused_before_anything_is_sent_and_nothing_is_lost() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    app.core
        .paste_file(None, "p.png".into(), picture(40, 30))
        .await
        .unwrap();
    let files = app.core.files(None).await.unwrap();
    let question = |model: &str| Question {
        conversation: None,
        text: "What is it?".into(),
        model: model.into(),
        options: None,
        temporary: false,
        files: files.iter().map(|file| file.id.clone()).collect(),
    };
    let problem = app
        .core
        .ask(question("emulator/blind-echo"))
        .await
        .unwrap_err();
    assert_eq!(problem.code, Code::OtherModel);
    assert_eq!(bodies(&emulator), Vec::<Value>::new());
    assert_eq!(app.core.files(None).await.unwrap(), files, "still attached");
    let asked = app.core.ask(question("emulator/echo")).await.unwrap();
    answer_to(&app, &asked).await;
    let url = bodies(&emulator)[0]["messages"][0]["content"][1]["image_url"]["url"].clone();
    assert!(
        url.as_str().unwrap().starts_with("data:image/png;base64,"),
        "{url}"
    );
    // Nor is an answer asked for from one that cannot.
    let refused = app
        .core
        .retry(&asked.answer, Some("emulator/blind-echo".into()), None)
        .await;
    assert_eq!(refused.unwrap_err().code, Code::OtherModel);
    // Further on it is told that something was there.
    let next = ask(
        &app,
        Some(&asked.conversation),
        "emulator/blind-echo",
        "And now?",
    )
    .await
    .unwrap();
    answer_to(&app, &next).await;
    let sent = bodies(&emulator).pop().unwrap();
    let told = &sent["messages"][0]["content"][1]["text"];
    assert_eq!(told, "[“p.png” was attached here, which you can't take.]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_can_be_put_in_another_order_taken_out_and_are_there_after_a_restart() {
    let (emulator, app) = connected().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        app.core
            .paste_file(None, name.into(), name.into())
            .await
            .unwrap();
    }
    let names = async |app: &App| -> Vec<String> {
        let files = app.core.files(None).await.unwrap();
        files.into_iter().map(|file| file.name).collect()
    };
    let ids: Vec<_> = app
        .core
        .files(None)
        .await
        .unwrap()
        .into_iter()
        .map(|file| file.id)
        .collect();
    let order = [ids[2].clone(), ids[0].clone(), ids[1].clone()];
    app.core.arrange_files(None, &order).await.unwrap();
    assert_eq!(names(&app).await, ["c.txt", "a.txt", "b.txt"]);
    app.core.remove_file(&ids[0]).await.unwrap();
    app.core
        .paste_file(None, "d.txt".into(), b"d".to_vec())
        .await
        .unwrap();
    assert_eq!(names(&app).await, ["c.txt", "b.txt", "d.txt"]);
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(names(&again).await, ["c.txt", "b.txt", "d.txt"]);
    // More than there is room for says so, each.
    for nth in 0..20 {
        again
            .core
            .paste_file(None, format!("{nth}.txt"), b"x".to_vec())
            .await
            .unwrap();
    }
    let files = again.core.files(None).await.unwrap();
    let ready = files
        .iter()
        .filter(|file| file.state == FileState::Ready)
        .count();
    assert_eq!((ready, files.len()), (20, 23));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trimmed_text_is_sent_as_far_as_it_was_trimmed_and_says_so() {
    let (emulator, app) = connected().await;
    app.core
        .paste_file(None, "long.txt".into(), "äbcdefgh".into())
        .await
        .unwrap();
    let id = app.core.files(None).await.unwrap().remove(0).id;
    app.core.trim_file(&id, Some(3)).await.unwrap();
    assert_eq!(app.core.files(None).await.unwrap()[0].trimmed, Some(3));
    let asked = ask_with(&app, None, "emulator/echo", "").await;
    answer_to(&app, &asked).await;
    let content = bodies(&emulator)[0]["messages"][0]["content"].clone();
    let expected = "File “long.txt” (the first 3 of 8 characters):\n```\näbc\n```";
    assert_eq!(
        content,
        json!([{"type": "text", "text": expected}]),
        "no words, and no empty part"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_web_is_searched_as_the_options_say_and_the_sources_and_their_cost_are_told() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let options = Options {
        web: WebSearch {
            on: true,
            engine: Some(WebEngine::Exa),
            results: Some(3),
            only: vec!["example.org".into()],
            never: Vec::new(),
        },
        ..Options::default()
    };
    let question = |model: &str| Question {
        conversation: None,
        text: "When is high water?".into(),
        model: model.into(),
        options: Some(options.clone()),
        temporary: false,
        files: Vec::new(),
    };
    let asked = app.core.ask(question("emulator/echo")).await.unwrap();
    let answer = answer_to(&app, &asked).await;
    let sent = bodies(&emulator).pop().unwrap();
    assert_eq!(
        sent["tools"],
        json!([{"type": "openrouter:web_search", "parameters": {
            "engine": "exa", "max_results": 3, "allowed_domains": ["example.org"]
        }}])
    );
    assert_eq!(sent["plugins"], Value::Null);
    let urls: Vec<_> = answer
        .meta
        .citations
        .iter()
        .map(|c| c.url.as_str())
        .collect();
    assert_eq!(
        urls,
        ["https://example.org/tides", "https://example.com/harbour"]
    );
    assert_eq!(
        (answer.meta.searches, answer.meta.search_cost_usd),
        (Some(1), Some(0.02))
    );
    assert!(answer.meta.cost_usd.unwrap() > 0.02);
    // A model that calls no tools is given what was found.
    let asked = app.core.ask(question("emulator/blind-echo")).await;
    answer_to(&app, &asked.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_could_not_be_sent_keeps_its_files_and_they_go_with_the_next_try() {
    let emulator_ = emulator().await;
    let profile = Profile::new();
    let app = profile.start(&emulator_.origin()).await;
    app.sign_in(&emulator_).await;
    app.core
        .paste_file(None, "p.png".into(), picture(9, 9))
        .await
        .unwrap();
    let refusal = emulator::Fault::Status {
        status: 400,
        body: r#"{"error":{"code":400,"message":"no"}}"#.into(),
        headers: Vec::new(),
    };
    emulator_.inject(CHAT, refusal, 1);
    let asked_ = ask_with(&app, None, "emulator/echo", "x").await;
    let answer = answer_to(&app, &asked_).await;
    assert_eq!(answer.meta.status, Status::Failed);
    let again = app.core.retry(&asked_.answer, None, None).await.unwrap();
    answer_to(&app, &again).await;
    let sent = bodies(&emulator_).pop().unwrap();
    assert_eq!(sent["messages"][0]["content"][1]["type"], "image_url");
    // One that is missing on the disk is a sentence, and no half request.
    let files = app.profile.folder().join("files");
    fs::remove_dir_all(files).unwrap();
    let before = bodies(&emulator_).len();
    let gone = app.core.retry(&asked_.answer, None, None).await.unwrap();
    let answer = answer_to(&app, &gone).await;
    assert!(
        answer
            .meta
            .problem
            .unwrap()
            .message
            .contains("“p.png” is missing")
    );
    assert_eq!(bodies(&emulator_).len(), before);
}

/// A PNG of this size with a pattern, without a library.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 7) as u8, (y * 5) as u8, 90])
    });
    let mut out = std::io::Cursor::new(&mut bytes);
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    bytes
}
