//! What the system can do against others taking secrets out of this process.

/// Asks for no core dump and, on Linux, for nobody to attach or to read this memory but root. Call it before there is
/// anything secret.
///
/// Where the system refuses, the app runs all the same: it is a second fence, and its lack hurts nobody but whoever
/// has broken in already. Windows has nothing of the kind without unsafe calls.
pub fn start() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // The soft limit: every program started from here begins with it, the web view's too, and may raise it again.
        let none = Rlimit {
            current: Some(0),
            maximum: getrlimit(Resource::Core).maximum,
        };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(%error, "a crash may write memory to the disk");
        }
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Of this process alone: a program that is started is a new one in this respect.
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "other programs of this person may read this memory");
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::{
        env, fs,
        io::{BufRead, BufReader, Read},
        os::unix::process::ExitStatusExt,
        process::{Command, Stdio},
    };

    const ROLE: &str = "CAUSEWAY_HARDENING_TEST_CHILD";

    #[test]
    #[ignore = "started by another test as a process of its own"]
    fn child() {
        use rustix::process::{Resource, dumpable_behavior, getrlimit};
        if env::var(ROLE).unwrap() == "hardened" {
            super::start();
        }
        let dumpable = dumpable_behavior().unwrap();
        let core = getrlimit(Resource::Core).current;
        println!("child: {dumpable:?} {core:?}");
        // Until the parent has looked.
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        std::process::abort();
    }

    /// What a child says of itself, whether its memory can be opened, and whether its crash left a core.
    fn crash(role: &str) -> (String, bool, bool) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""]);
        command.arg(env::current_exe().unwrap()).args([
            "--exact",
            "hardening::tests::child",
            "--ignored",
            "--nocapture",
        ]);
        command.env(ROLE, role).current_dir(&folder);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = lines
            .map_while(Result::ok)
            .filter_map(|line| line.split_once("child: ").map(|(_, said)| said.to_owned()));
        let said = said.next().expect("the child says how it stands");
        let opened = fs::File::open(format!("/proc/{}/mem", child.id())).is_ok();
        drop(child.stdin.take());
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(6), "it was to crash");
        let left = fs::read_dir(&folder).unwrap().count() > 0;
        (said, opened, left || status.core_dumped())
    }

    #[test]
    fn s29_a_crash_leaves_no_core_and_nobody_but_root_reads_the_memory() {
        let (said, opened, dumped) = crash("plain");
        assert_eq!(
            said.split(' ').next(),
            Some("Dumpable"),
            "the control: {said}"
        );
        assert!(opened, "the control can be read by its own person");
        // Where the system writes no cores at all, this half shows nothing.
        let cores_exist = dumped;
        let (said, opened, dumped) = crash("hardened");
        assert_eq!(said, "NotDumpable Some(0)");
        assert!(
            !dumped,
            "a core was written; without the fence: {cores_exist}"
        );
        assert!(!opened || rustix::process::geteuid().is_root());
    }
}
