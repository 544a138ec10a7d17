//! What can't be attached: each a sentence, with nothing read beyond what that takes and nothing kept.

use crate::{
    files::{answer_to, ask_with, bodies, pdf, picture},
    harness::{App, connected},
};
use causeway_core::wire::{Attachment, FileKind, FileState, Question};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Drops a file on the window that shows no conversation; what became of it.
async fn dropped(app: &App, path: &Path) -> Attachment {
    app.core
        .drop_files("main", vec![path.to_owned()])
        .await
        .unwrap();
    app.core.files(None).await.unwrap().pop().unwrap()
}

/// The sentence with which a file is refused; it is taken off the list afterwards.
async fn refused(app: &App, path: &Path) -> String {
    let file = dropped(app, path).await;
    let FileState::Refused { problem } = file.state else {
        panic!("{path:?} was attached: {file:?}");
    };
    app.core.remove_file(&file.id).await.unwrap();
    assert_eq!(app.core.files(None).await.unwrap(), []);
    problem.message
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_attached_says_so_in_a_sentence_and_is_not_read() {
    let (_emulator, app) = connected().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        fs::write(at(name), bytes).unwrap();
        at(name)
    };
    // Two gigabytes that take no room.
    let huge = fs::File::create(at("huge.pdf")).unwrap();
    huge.set_len(2 * 1024 * 1024 * 1024).unwrap();
    let text = write("long.log", &b"a line of a log\n".repeat(300_000));
    let bomb = bomb();
    let cases = [
        (
            write("bomb.docx", &bomb),
            "“bomb.docx” unpacks to more than can be read here",
        ),
        (
            write("locked.docx", b"PK\x03\x04 no archive"),
            "“locked.docx” can't be opened: it is damaged or locked",
        ),
        (
            write("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an older one"),
            "“old.doc” is an older office document, or one that is locked with a password.",
        ),
        (
            write("zipped.zip", &archive("notes.txt", b"x")),
            "“zipped.zip” is an archive. Unpack it",
        ),
        (
            write("blank.docx", &archive("word/document.xml", b"<w:p/>")),
            "“blank.docx” has no words in it.",
        ),
        (at("huge.pdf"), "“huge.pdf” has 2 GB. 100 MB is the most"),
        (text, "“long.log” has 4.5 MB. 4 MB of text is the most"),
        (write("empty.txt", b""), "“empty.txt” is empty."),
        (
            folder.path().to_owned(),
            "is a folder. Attach the files in it.",
        ),
        (at("gone.txt"), "“gone.txt” is not there any more."),
        (
            write("fake.pdf", b"This is no PDF."),
            "“fake.pdf” is not a PDF, whatever its name says.",
        ),
        (
            write("fake.png", b"<html></html>"),
            "“fake.png” is not a picture, whatever its name says.",
        ),
        (
            write("torn.png", b"\x89PNG\r\n\x1a\nshort"),
            "“torn.png” is damaged",
        ),
        (
            write("tool.exe", b"MZ\x90\0\x03\0\0\0\x04"),
            "“tool.exe” is no text, picture, PDF or sound.",
        ),
        (
            write("p.heic", b"\0\0\0\x18ftypheic\0\0\0\0"),
            "is a HEIC or AVIF picture, which can't be read here. Open it, save it as JPEG or PNG",
        ),
        (
            write("big.png", &head_of_png(30_000, 30_000)),
            "has 30000 × 30000 pixels",
        ),
        (
            write("re\u{202e}gpj.exe\u{202c}", b"MZ\x90\0"),
            "“regpj.exe” is no text, picture, PDF or sound.",
        ),
    ];
    for (path, sentence) in cases {
        let said = refused(&app, &path).await;
        assert!(
            said.contains(sentence),
            "{said:?} does not say {sentence:?}"
        );
        assert!(
            said.ends_with('.') && !said.contains(folder.path().to_str().unwrap()),
            "{said}"
        );
    }
    let stored = fs::read_dir(app.profile.folder().join("files")).map_or(0, Iterator::count);
    assert_eq!(stored, 0, "something of what was refused is kept");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_lead_nowhere_pipes_and_files_of_others_are_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (_emulator, app) = connected().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink(at("loop-b.txt"), at("loop-a.txt")).unwrap();
    symlink(at("loop-a.txt"), at("loop-b.txt")).unwrap();
    symlink(at("nowhere"), at("broken.txt")).unwrap();
    for name in ["loop-a.txt", "broken.txt"] {
        let said = refused(&app, &at(name)).await;
        assert!(said.contains("is a link that leads nowhere"), "{said}");
    }
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    let said = refused(&app, &at("pipe")).await;
    assert!(
        said.contains("is no file that can be read to an end"),
        "{said}"
    );
    fs::write(at("secret.txt"), "x").unwrap();
    fs::set_permissions(at("secret.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if fs::read(at("secret.txt")).is_err() {
        let said = refused(&app, &at("secret.txt")).await;
        assert!(
            said.contains("can't be read. Check that you may open it"),
            "{said}"
        );
    }
    // A link to a real file is that file.
    fs::write(at("real.txt"), "words").unwrap();
    symlink(at("real.txt"), at("link.txt")).unwrap();
    assert_eq!(dropped(&app, &at("link.txt")).await.state, FileState::Ready);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawing_with_script_is_sent_as_text_and_never_drawn() {
    let (emulator, app) = connected().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    app.core
        .paste_file(None, "drawing.svg".into(), svg.to_vec())
        .await
        .unwrap();
    let file = app.core.files(None).await.unwrap().remove(0);
    assert_eq!((file.kind, file.pictured), (FileKind::Text, false));
    assert!(
        app.core.file_picture(&file.id, true).await.is_err(),
        "no picture of it"
    );
    let asked = ask_with(&app, None, "emulator/echo", "x").await;
    answer_to(&app, &asked).await;
    let text = bodies(&emulator)[0]["messages"][0]["content"][1]["text"].clone();
    assert!(
        text.as_str().unwrap().contains("<script>alert(1)</script>"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_file_is_decides_and_not_its_name() {
    let (_emulator, app) = connected().await;
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, kind) in [
        ("picture.txt", picture(4, 4), FileKind::Image),
        ("picture.pdf", picture(4, 4), FileKind::Image),
        ("report.png", pdf(1, "x"), FileKind::Pdf),
        (
            "sound.txt",
            b"RIFF\x04\0\0\0WAVEfmt ".to_vec(),
            FileKind::Audio,
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let file = dropped(&app, &path).await;
        assert_eq!(
            (file.kind, &file.state),
            (kind, &FileState::Ready),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_takes_no_place_and_is_forgotten_when_there_is_much_of_it() {
    let (_emulator, app) = connected().await;
    for nth in 0..50 {
        let pasted = app
            .core
            .paste_file(None, format!("{nth}.exe"), b"MZ\x90\0".to_vec());
        pasted.await.unwrap();
    }
    let files = app.core.files(None).await.unwrap();
    assert_eq!((files.len(), &*files[0].name), (20, "30.exe"));
    let pasted = app.core.paste_file(None, "a.txt".into(), b"a".to_vec());
    pasted.await.unwrap();
    let ready = |file: &&Attachment| file.state == FileState::Ready;
    let files = app.core.files(None).await.unwrap();
    assert_eq!(files.iter().filter(ready).count(), 1);
}

/// A document of 80 MB of nothing, in some kilobytes.
fn bomb() -> Vec<u8> {
    archive("word/document.xml", &vec![b' '; 80 * 1024 * 1024])
}

fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive.start_file(name, packed).unwrap();
    std::io::Write::write_all(&mut archive, bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

/// The head of a PNG that claims this size.
fn head_of_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_temporary_chat_reaches_the_disk_by_a_drop() {
    let (emulator, app) = connected().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("diary.txt");
    fs::write(&path, "dear diary").unwrap();
    let drop = async || app.core.drop_files("main", vec![path.clone()]).await;
    app.core.begins_temporary("main", true);
    let said = drop().await.unwrap_err().message;
    assert!(said.contains("Attach them in an ordinary chat."), "{said}");
    assert_eq!(app.core.files(None).await.unwrap(), []);

    // Also once it is begun.
    let question = Question {
        conversation: None,
        text: "Hello".into(),
        model: "emulator/painter".into(),
        options: None,
        temporary: true,
        files: Vec::new(),
    };
    app.core.models().await;
    let asked = app.core.ask(question).await.unwrap();
    let answer = answer_to(&app, &asked).await;
    assert!(drop().await.is_err());
    let stored = || fs::read_dir(app.profile.folder().join("files")).map_or(0, Iterator::count);
    assert_eq!(stored(), 0);

    // What its model paints is shown, saved and copied from memory, and used further nowhere.
    let drawn = &answer.meta.attachments[0];
    let url = app.core.file_picture(&drawn.id, false).await.unwrap();
    assert!(url.starts_with("data:image/png;base64,"), "{url}");
    let to = folder.path().join("harbour.png");
    *app.person.saves.lock().unwrap() = Some(to.clone());
    app.core.save_file(&drawn.id).await.unwrap();
    assert!(fs::read(to).unwrap().starts_with(b"\x89PNG"));
    app.core.copy_picture(&drawn.id).await.unwrap();
    let refused = app.core.reuse_file(&drawn.id, &asked.conversation).await;
    assert!(refused.is_err());
    assert_eq!((stored(), answer.meta.notes), (0, Vec::new()));
    for id in [
        "nonsense/0",
        &format!("{}/9", asked.answer),
        &format!("{}/x", asked.answer),
    ] {
        assert!(app.core.file_picture(id, true).await.is_err(), "{id}");
    }
    app.core.begins_temporary("main", false);
    app.core.drop_files("other", vec![path]).await.unwrap();
    assert_eq!(
        app.core.files(None).await.unwrap().len(),
        1,
        "elsewhere it is attached"
    );
    assert_eq!(emulator.violations(), Vec::<String>::new());
}
