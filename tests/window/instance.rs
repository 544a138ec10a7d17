//! One process a profile, also where the system is slow and the person is quick: two starts at once, and a start in the
//! moment in which the old one goes.

use crate::harness::{Desk, alone, binary, ended, patiently, processes};
use std::{
    ffi::OsStr,
    fs,
    path::PathBuf,
    process::{Child, Command},
};

/// A start whose end nobody waits for.
fn start(desk: &Desk) -> Child {
    desk.command(binary())
        .args(desk.arguments())
        .spawn()
        .unwrap()
}

fn signal(name: &str, process: &OsStr) {
    let sent = Command::new("kill").arg(name).arg(process).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

/// Whether a process has a page: a web view's process, started by it.
fn has_page(process: u32) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let states = all.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let of = format!(" {process} ");
    states
        .filter(|state| state.contains("(WebKitWebProces"))
        .filter_map(|state| Some(state.rsplit_once(')')?.1.to_owned()))
        .any(|rest| rest.get(2..).is_some_and(|rest| rest.starts_with(&of)))
}

/// Notes what goes over the bus to a first one; it ends with this.
struct Ear(Child, PathBuf);

impl Ear {
    async fn new(desk: &Desk) -> Self {
        let heard = desk.folder.path().join("heard");
        let monitor = Command::new("dbus-monitor")
            .args(["--session", "member='ExecuteCallback'"])
            .stdout(fs::File::create(&heard).unwrap())
            .spawn();
        let ear = Self(monitor.expect("dbus-monitor"), heard);
        patiently("the bus to be listened to", || async {
            ear.heard().contains("NameAcquired").then_some(())
        })
        .await;
        ear
    }

    fn heard(&self) -> String {
        fs::read_to_string(&self.1).unwrap()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn end(desk: &Desk, mut last: Child) {
    let all = processes(&desk.profile());
    all.iter().for_each(|process| signal("-TERM", process));
    last.wait().unwrap();
    patiently("the app to end", || async {
        all.iter().all(|process| ended(process)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_first_one_vanishes_before_it_answers_opens_the_window() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    let old = processes(&desk.profile());
    assert_eq!(old.len(), 1);
    signal("-STOP", &old[0]);
    let ear = Ear::new(&desk).await;
    let second = start(&desk);
    patiently("the second start to ask the first", || async {
        ear.heard().contains("ExecuteCallback").then_some(())
    })
    .await;
    assert!(!has_page(second.id()), "it waits for the first");
    signal("-KILL", &old[0]);
    patiently("a window of the second start", || async {
        has_page(second.id()).then_some(())
    })
    .await;
    drop(app);
    end(&desk, second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starts_at_once_are_one_app() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    for _ in 0..3 {
        let mut both = [start(&desk), start(&desk)];
        let first = patiently("one to end", || {
            let which = both.iter_mut().position(|one| {
                one.try_wait()
                    .unwrap()
                    .map(|status| assert!(status.success(), "{status}"))
                    .is_some()
            });
            async move { which }
        })
        .await;
        let [one, other] = both;
        let stays = if first == 0 { other } else { one };
        patiently("the other's window", || async {
            has_page(stays.id()).then_some(())
        })
        .await;
        end(&desk, stays).await;
    }
    let log = fs::read_to_string(desk.log()).unwrap();
    assert!(!log.contains("panicked"), "{log}");
}
