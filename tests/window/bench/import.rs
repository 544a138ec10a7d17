//! Files of a gigabyte, as other programs write them: how long importing one takes, and how much memory a process needs
//! for it that does nothing else.

use crate::{
    Options,
    report::{Report, load, round},
};
use causeway_core::testing;
use serde_json::json;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// The process that imports.
pub const CHILD: &str = "import-one";

pub fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let bytes = u64::try_from(options.number("megabytes", "1024")).unwrap() << 20;
    let folder = PathBuf::from(std::env::var_os("BENCH_DIR").unwrap_or_default());
    let folder = tempfile::tempdir_in(folder).unwrap();
    let file = folder.path().join("file");
    type Make = fn(&Path, u64) -> io::Result<()>;
    let forms: [(&str, Make); 4] = [
        ("ChatGPT", chatgpt),
        ("one value after the other", values),
        ("Cherry Studio", cherry),
        ("Causeway", ours),
    ];
    for (what, make) in forms {
        make(&file, bytes).unwrap();
        for keep in [false, true] {
            let place = tempfile::tempdir_in(folder.path()).unwrap();
            let began = Instant::now();
            let child = Command::new(std::env::current_exe().unwrap())
                .args([CHILD, "--folder"])
                .arg(place.path())
                .arg("--file")
                .arg(&file)
                .args(["--keep", if keep { "yes" } else { "no" }])
                .stderr(Stdio::inherit())
                .output()
                .unwrap();
            assert!(child.status.success(), "{what}");
            let said = String::from_utf8(child.stdout).unwrap();
            let (peak, found) = said.trim().split_once(' ').unwrap();
            report.row(vec![
                ("from", json!(what)),
                ("kept", json!(keep)),
                ("MB", json!(fs::metadata(&file).unwrap().len() >> 20)),
                ("seconds", json!(round(began.elapsed().as_secs_f64()))),
                ("peak, MB", json!(peak.parse::<u64>().unwrap() >> 10)),
                ("found", json!(found)),
                ("load", json!(load())),
            ]);
        }
        fs::remove_file(&file).unwrap();
    }
    report
}

pub fn child(options: &Options) {
    let path = |name| PathBuf::from(options.text(name, ""));
    let keep = options.text("keep", "no") == "yes";
    let report = testing::import(&path("folder"), &path("file"), keep).unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    let (added, messages, skipped) = (report.added, report.messages, report.skipped_count);
    println!("{peak} {added} conversations, {messages} messages, {skipped} passed over");
}

/// Words that take some room.
fn words(n: u64) -> String {
    format!("Message {n} says what there is to say. ").repeat(20)
}

fn written(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 20, File::create(path)?))
}

fn chatgpt(path: &Path, bytes: u64) -> io::Result<()> {
    let (mut file, mut size, mut n) = (written(path)?, 0, 0);
    file.write_all(b"[")?;
    while size < bytes {
        let mut mapping = json!({});
        for at in 0..200_u64 {
            mapping[format!("m{at}")] = json!({ "id": format!("m{at}"), "children": [],
                "parent": at.checked_sub(1).map(|at| format!("m{at}")), "message": {
                "author": { "role": if at % 2 == 0 { "user" } else { "assistant" } },
                "create_time": 1_700_000_000 + at, "recipient": "all",
                "content": { "content_type": "text", "parts": [words(at)] } } });
        }
        let entry = json!({ "conversation_id": format!("c{n}"), "title": format!("Talk {n}"),
            "current_node": "m199", "mapping": mapping });
        let entry = entry.to_string();
        file.write_all(if n == 0 { b"" } else { b"," })?;
        file.write_all(entry.as_bytes())?;
        size += entry.len() as u64;
        n += 1;
    }
    file.write_all(b"]")?;
    file.flush()
}

/// Entries as large and as full of values as are read at all, and some that are not: a tree of them takes the most memory.
fn values(path: &Path, bytes: u64) -> io::Result<()> {
    let (mut file, mut size, mut n) = (written(path)?, 0_u64, 0);
    file.write_all(b"[")?;
    while size < bytes {
        let (value, most) = [
            ("{\"a\":1}", 110_000),
            ("[[]]", 190_000),
            ("\"0123456789012345\"", 980_000),
            ("{}", 110_000),
        ][n % 4];
        let count = if n % 5 == 4 { most * 2 } else { most };
        let all = vec![value; count].join(",");
        file.write_all(if n == 0 { b"" } else { b"," })?;
        write!(file, "{{\"id\":\"{n}\",\"messages\":[{all}]}}")?;
        size += all.len() as u64;
        n += 1;
    }
    file.write_all(b"]")?;
    file.flush()
}

fn cherry(path: &Path, bytes: u64) -> io::Result<()> {
    const MESSAGES: u64 = 100;
    let (mut file, each) = (written(path)?, words(1_000_000).len() as u64 + 200);
    let topics = bytes / each / MESSAGES;
    file.write_all(b"{\"version\":5,\"localStorage\":{},\"indexedDB\":{\"topics\":[")?;
    for topic in 0..topics {
        let said = (0..MESSAGES).map(|at| {
            json!({ "id": format!("m{at}"), "role": if at % 2 == 0 { "user" } else { "assistant" },
                "blocks": [format!("block-{topic}-{at}")] })
        });
        let entry = json!({ "id": format!("t{topic}"), "messages": said.collect::<Vec<_>>() });
        write!(file, "{}{entry}", if topic == 0 { "" } else { "," })?;
    }
    file.write_all(b"],\"message_blocks\":[")?;
    for n in 0..topics * MESSAGES {
        let id = format!("block-{}-{}", n / MESSAGES, n % MESSAGES);
        let block = json!({ "id": id, "messageId": "m", "type": "main_text", "content": words(n) });
        write!(file, "{}{block}", if n == 0 { "" } else { "," })?;
    }
    file.write_all(b"]}}")?;
    file.flush()
}

fn ours(path: &Path, bytes: u64) -> io::Result<()> {
    let (mut file, mut size, mut n) = (written(path)?, 0_u64, 0_u64);
    file.write_all(b"{\"format\":\"causeway-conversations\",\"version\":1,\"records\":[\n")?;
    let id = |kind: u8, n: u64| format!("018bcfe5-6800-7000-8{kind:03}-{n:012x}");
    while size < bytes {
        let mut records = vec![
            json!({ "conversation": { "id": id(1, n), "title": format!("Talk {n}"),
            "titled": true, "model": "a/b", "created_ms": 1, "updated_ms": 2, "pinned": false,
            "archived": false, "leaf": id(2, n * 1_000 + 99) } }),
        ];
        for at in 0..100 {
            let parent = (at > 0).then(|| id(2, n * 1_000 + at - 1));
            records.push(
                json!({ "message": { "id": id(2, n * 1_000 + at), "parent": parent,
                "role": if at % 2 == 0 { "user" } else { "assistant" }, "status": "done",
                "created_ms": 1, "text": words(at), "reasoning": "", "image_count": 0 } }),
            );
        }
        for (at, record) in records.iter().enumerate() {
            let record = record.to_string();
            file.write_all(if n == 0 && at == 0 { b"" } else { b",\n" })?;
            file.write_all(record.as_bytes())?;
            size += record.len() as u64;
        }
        n += 1;
    }
    file.write_all(b"\n]}")?;
    file.flush()
}
