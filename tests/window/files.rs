//! Files in the real window: attached, sent, shown.

use crate::{
    access::judged,
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use serde_json::json;

/// Puts a file on the clipboard of the page and pastes it, as the web view does for a person.
pub async fn paste(app: &App, name: &str, kind: &str, bytes: &[u8]) {
    const PASTE: &str = "
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(arguments[2])], arguments[0], { type: arguments[1] }));
        document.querySelector('form textarea').dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))";
    app.page
        .execute(PASTE, vec![json!(name), json!(kind), json!(bytes)])
        .await
        .unwrap();
}

pub fn pdf(pages: u32, words: &str) -> Vec<u8> {
    format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [] /Count {pages} >>\nendobj\n2 0 obj\n<< /Length 60 >>\nstream\nBT \
         ({words}) Tj ET\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_asked_about_with_sources_and_a_second_question_does_not_read_it_again() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/blind-echo").await;
    paste(
        &app,
        "q3-report.pdf",
        "application/pdf",
        &pdf(14, "The margin fell."),
    )
    .await;
    app.reads("14 pages · free to read").await;
    app.reads("What is attached goes to OpenRouter").await;
    app.press("Web search").await;
    app.reads("The model may search the web").await;
    app.picture("attached").await;
    app.ask("Summarise it.").await;
    app.answered().await;
    // The file stands in the question, the sources below the answer, with what the search cost.
    app.sees("article[aria-label=You] [aria-label='q3-report.pdf']")
        .await;
    app.reads("Tide tables").await;
    app.reads("1 web search, $0.0200").await;
    app.picture("asked-about-a-file").await;
    app.ask("And the outlook?").await;
    patiently("the second answer", || async {
        let done = app
            .run("return document.querySelectorAll('article[aria-busy=false]').length")
            .await;
        (done == json!(2)).then_some(())
    })
    .await;
    let read = [("q3-report.pdf".to_owned(), "cloudflare-ai".to_owned())];
    assert_eq!(desk.emulator.readings(), read, "read once, at no cost");
    assert_eq!(desk.emulator.violations(), Vec::<String>::new());
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_small_and_whole_and_what_is_refused_says_why() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/blind-echo").await;
    let mut png = Vec::new();
    image::RgbImage::from_fn(600, 400, |x, y| {
        image::Rgb([(x % 256) as u8, (y % 256) as u8, 120])
    })
    .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
    .unwrap();
    paste(&app, "harbour.png", "image/png", &png).await;
    app.sees("[aria-label='harbour.png'] img[src^='data:image/png']")
        .await;
    app.reads("600 × 400").await;
    // This model cannot see: one that can is a press away, and the question is not lost.
    app.reads("can’t see pictures.").await;
    paste(&app, "fake.pdf", "application/pdf", b"no PDF at all").await;
    app.reads("“fake.pdf” is not a PDF, whatever its name says.")
        .await;
    app.picture("attached-problems").await;
    judged(&app, "attached").await;
    app.press("Leave fake.pdf out").await;
    choose(&app, "emulator/echo").await;
    app.press("harbour.png").await;
    app.sees("dialog img[alt='harbour.png']").await;
    app.picture("attached-whole").await;
    judged(&app, "a file").await;
    app.press("Close").await;
    app.press("Send").await;
    app.answered().await;
    app.sees("article[aria-label=You] [aria-label='harbour.png'] img")
        .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_a_model_makes_is_shown_copied_and_goes_with_the_next_question() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/painter").await;
    app.ask("Paint a harbour.").await;
    app.answered().await;
    app.sees("article figure img[src^='data:image/png']").await;
    app.reads("16 × 16").await;
    app.press("Open Picture 1.png").await;
    app.sees("dialog img[alt='Picture 1.png']").await;
    app.picture("drawn-whole").await;
    app.press("Close").await;
    app.sees("article figure").await;
    app.run("document.querySelector('figcaption button').click()")
        .await;
    app.reads("The picture is copied.").await;
    app.press("Use as input").await;
    app.sees("form [aria-label='Picture 1.png'] img").await;
    app.picture("drawn").await;
    judged(&app, "pictures").await;
    app.ask("Now at night.").await;
    patiently("the second picture", || async {
        let shown = "return document.querySelectorAll('article figure img').length";
        (app.run(shown).await == json!(2)).then_some(())
    })
    .await;
    let requests = desk.emulator.requests();
    let sent = requests
        .iter()
        .rfind(|request| request.path.ends_with("/chat/completions"))
        .unwrap();
    let body: serde_json::Value = sent.json().unwrap();
    assert_eq!(body["messages"][1]["images"].as_array().unwrap().len(), 1);
    assert_eq!(body["messages"][2]["content"][1]["type"], "image_url");
    assert_eq!(desk.emulator.violations(), Vec::<String>::new());

    // In a temporary chat nothing can be attached, and that is said.
    app.press("New chat").await;
    app.sees("label.temporary input")
        .await
        .click()
        .await
        .unwrap();
    app.sees("header .temporary, span.temporary").await;
    paste(&app, "a.txt", "text/plain", b"a").await;
    app.reads("so nothing can be attached").await;
    app.quit().await;
}
