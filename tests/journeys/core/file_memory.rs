//! How much memory a large file takes on its way to the service.
//!
//! The app is a process of its own, for the emulator beside it holds the whole request.
#![cfg(target_os = "linux")]

use crate::{
    files::{answer_to, ask_with},
    harness::{Profile, emulator},
    http,
    replies::ask_and_wait,
};
use causeway_core::wire::{FileState, Status, Way};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

const ORIGIN: &str = "CAUSEWAY_FILE_MEMORY_ORIGIN";
const FILE: &str = "CAUSEWAY_FILE_MEMORY_FILE";
const SIZE: usize = 50 * 1024 * 1024;

/// The most memory that this process ever had, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by another test as a process of its own"]
async fn child() {
    let origin = env::var(ORIGIN).expect("started by another test");
    let file = PathBuf::from(env::var_os(FILE).unwrap());
    let app = Profile::new().start(&origin).await;
    let url = app.begin(Way::Browser).await;
    println!("child: {url}");
    app.connected().await;
    // Everything is loaded that any answer needs.
    causeway_core::testing::warm();
    ask_and_wait(&app, "emulator/markdown-tour", "hello").await;
    let before = peak();
    app.core.drop_files("other", vec![file]).await.unwrap();
    assert_eq!(
        app.core.files(None).await.unwrap()[0].state,
        FileState::Ready
    );
    let attached = peak();
    let asked = ask_with(&app, None, "emulator/echo", "What is in it?").await;
    assert_eq!(answer_to(&app, &asked).await.meta.status, Status::Done);
    println!("child: {before} {attached} {}", peak());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_is_never_in_memory_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.pdf");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"%PDF-1.4\n1 0 obj\n<< /Type /Pages /Count 900 >>\nendobj\n")
        .unwrap();
    // Nothing that packs well, and no zeros.
    let noise: Vec<u8> = (0..1024 * 1024_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for _ in 0..50 {
        file.write_all(&noise).unwrap();
    }
    let emulator = emulator().await;
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "file_memory::child", "--ignored", "--nocapture"]);
    command.env(ORIGIN, emulator.origin()).env(FILE, &path);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = lines.map_while(Result::ok).filter_map(|line| {
        line.split_once("child: ")
            .map(|(_, words)| words.to_owned())
    });
    let redirect = emulator
        .approve(&said.next().unwrap(), None)
        .unwrap()
        .redirect
        .unwrap();
    http::visit(&redirect).await;
    let (numbers, child) = tokio::task::spawn_blocking(move || (said.next(), child.wait()))
        .await
        .unwrap();
    assert!(child.unwrap().success());
    let numbers = numbers.unwrap();
    println!("before, attached, sent: {numbers}");
    let numbers: Vec<usize> = numbers.split(' ').map(|n| n.parse().unwrap()).collect();
    let longest = emulator
        .requests()
        .iter()
        .map(|request| request.body.len())
        .max()
        .unwrap();
    assert!(longest > SIZE * 4 / 3, "the control: all of it was sent");
    let grown = numbers[2] - numbers[0];
    assert!(grown < SIZE, "{grown} bytes for a file of {SIZE}");
}
