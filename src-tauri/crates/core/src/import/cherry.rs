//! Cherry Studio's backup up to its fifth version: an object with `localStorage`, where the topics have their names, and
//! `indexedDB`, where `topics` hold messages and `message_blocks`, far behind them, hold their words. So topics and blocks
//! wait in a file beside the database until all are there; nothing but their places is in memory.

use super::{
    ENTRY, Stop, Work,
    fields::{add, fenced, flag, list, role, some, text, when},
    pace::{Pace, Source},
    scan::{Bad, Piece, Scanner},
    tree::{Draft, Node},
};
use history::Role;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// The most blocks, and topics, of one backup: their places take 24 bytes of memory each.
const BLOCKS: usize = 2_000_000;
/// What the blocks of one topic hold, at most.
const WORDS: usize = ENTRY;
const NAME: &str = "import.tmp";

impl Work<'_> {
    /// Cherry Studio's tables: the topics, then the words of their messages, which wait on the disk meanwhile.
    pub(super) fn cherry(
        &mut self,
        scanner: &mut Source<'_>,
        names: &Names,
        pace: &Pace<'_>,
    ) -> Result<(), Stop> {
        let folder = self.history.path().parent().unwrap_or(Path::new(""));
        let mut waiting = Waiting::new(folder)?;
        let ended = waiting.read(scanner);
        let cut = ended.is_err();
        for place in 0..waiting.topics() {
            match waiting.topic(place, names, cut) {
                Ok(draft) => self.draft(draft, &format!("Topic {}", place + 1))?,
                Err(Stop::Entry(why)) => self.skip(format!("Topic {}", place + 1), why),
                Err(other) => return Err(other),
            }
            self.tell(pace);
        }
        Ok(ended?)
    }
}

/// What topics are called.
#[derive(Default)]
pub struct Names(HashMap<String, Map<String, Value>>);

impl Names {
    /// Reads them out of `localStorage`, where they stand in JSON in a text in JSON in a text.
    pub fn read(bytes: &[u8]) -> Self {
        let inside = |value: &Value, field: &str| -> Option<Value> {
            serde_json::from_str(value.get(field)?.as_str()?).ok()
        };
        let names = || {
            let store = serde_json::from_slice::<Value>(bytes).ok()?;
            let state = inside(&store, "persist:cherry-studio")?;
            inside(&state, "assistants")
        };
        let mut all = HashMap::new();
        let found = names().unwrap_or_default();
        let usual = found.get("defaultAssistant");
        for assistant in usual.into_iter().chain(list(found.get("assistants"))) {
            for topic in list(assistant.get("topics")) {
                if let Some(topic) = topic.as_object() {
                    all.insert(text(topic, "id"), topic.clone());
                }
            }
        }
        Self(all)
    }
}

/// Where a piece lies in the file.
#[derive(Clone, Copy)]
struct Spot {
    at: u64,
    length: u32,
}

/// The topics and blocks that were read, in a file that goes when this is dropped.
pub struct Waiting {
    path: PathBuf,
    file: BufWriter<File>,
    end: u64,
    topics: Vec<Spot>,
    /// By a hash of their ids that nobody outside can foresee; the block itself says whether it is the one.
    blocks: HashMap<u64, Spot>,
    hasher: RandomState,
    /// Topics that are too large.
    too_large: Vec<usize>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // On most systems it is gone already.
        let _ = fs::remove_file(&self.path);
    }
}

impl Waiting {
    pub fn new(folder: &Path) -> Result<Self, Bad> {
        let path = folder.join(NAME);
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(Bad::Io)?;
        // Without a name it can't outlive the process.
        #[cfg(unix)]
        let _ = fs::remove_file(&path);
        Ok(Self {
            path,
            file: BufWriter::with_capacity(256 * 1024, file),
            end: 0,
            topics: Vec::new(),
            blocks: HashMap::new(),
            hasher: RandomState::new(),
            too_large: Vec::new(),
        })
    }

    /// Reads the tables.
    pub fn read<R: BufRead>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Bad> {
        scanner.enter(b'{')?;
        while scanner.more(b'}')? {
            let table = scanner.key()?;
            if !matches!(table.as_str(), "topics" | "message_blocks") || scanner.peek()? != b'[' {
                scanner.piece(0)?;
                continue;
            }
            scanner.enter(b'[')?;
            while scanner.more(b']')? {
                match (scanner.piece(ENTRY)?, table.as_str()) {
                    (Piece::Whole(bytes), "topics") if self.topics.len() < BLOCKS => {
                        let spot = self.keep(&bytes)?;
                        self.topics.push(spot);
                    }
                    (Piece::TooLarge, "topics") if self.topics.len() < BLOCKS => {
                        self.too_large.push(self.topics.len());
                        self.topics.push(Spot { at: 0, length: 0 });
                    }
                    (Piece::Whole(bytes), "message_blocks") if self.blocks.len() < BLOCKS => {
                        self.block(&bytes)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Keeps what is of use of a block.
    fn block(&mut self, bytes: &[u8]) -> Result<(), Bad> {
        let Ok(Value::Object(block)) = serde_json::from_slice::<Value>(bytes) else {
            return Ok(());
        };
        let id = text(&block, "id");
        let kept = match text(&block, "type").as_str() {
            "main_text" => json!([id, "text", text(&block, "content")]),
            "code" => json!([id, "text", fenced(&text(&block, "content"))]),
            "thinking" => json!([id, "thought", text(&block, "content")]),
            // What a tool said, where a page was found, what went wrong, and a translation are no part of the talk.
            "tool" | "citation" | "translation" | "error" | "unknown" | "compact" => {
                json!([id, "aside"])
            }
            _ => json!([id, "other"]),
        };
        let spot = self.keep(kept.to_string().as_bytes())?;
        self.blocks.insert(self.hasher.hash_one(&id), spot);
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Spot, Bad> {
        self.file.write_all(bytes).map_err(Bad::Io)?;
        let spot = Spot {
            at: self.end,
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        self.end += bytes.len() as u64;
        Ok(spot)
    }

    fn kept(&mut self, spot: Spot) -> Result<Value, Bad> {
        let file = &mut self.file;
        file.seek(SeekFrom::Start(spot.at)).map_err(Bad::Io)?;
        let mut bytes = vec![0; spot.length as usize];
        file.get_mut().read_exact(&mut bytes).map_err(Bad::Io)?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// How many topics there are.
    pub fn topics(&self) -> usize {
        self.topics.len()
    }

    /// One of them, with its words. `cut` says that the file ended in the middle, so words may be missing.
    pub fn topic(&mut self, place: usize, names: &Names, cut: bool) -> Result<Draft, Stop> {
        if self.too_large.contains(&place) {
            return Err(Stop::Entry(
                "It is too large to be one conversation.".into(),
            ));
        }
        let topic = self.kept(self.topics[place])?;
        let Some(topic) = topic.as_object() else {
            return Err(Stop::Entry(
                "It is damaged: not JSON, or nested too deeply.".into(),
            ));
        };
        let id = text(topic, "id");
        let nameless = Map::new();
        let name = names.0.get(&id).unwrap_or(&nameless);
        let mut draft = Draft {
            source: "Cherry Studio",
            title: text(name, "name"),
            created_ms: when(name.get("createdAt")).unwrap_or(0),
            updated_ms: when(name.get("updatedAt")).unwrap_or(0),
            pinned: flag(name, "pinned"),
            id,
            ..Draft::default()
        };
        let mut words = 0;
        let mut line = Line::default();
        for said in list(topic.get("messages"))
            .iter()
            .filter_map(Value::as_object)
        {
            let mut read = Node {
                id: some(text(said, "id")).unwrap_or_else(|| format!("at {}", draft.nodes.len())),
                role: role(&text(said, "role")),
                // Before the seventh version of its database the words stood here.
                text: text(said, "content"),
                reasoning: text(said, "reasoning_content"),
                ms: when(said.get("createdAt")),
                ..Node::default()
            };
            if read.role == Some(Role::Assistant) {
                let model = said.get("model").and_then(Value::as_object);
                let named = model.map(|model| text(model, "id")).and_then(some);
                read.model = named.or_else(|| some(text(said, "modelId")));
            }
            for block in list(said.get("blocks")).iter().filter_map(Value::as_str) {
                words += self.add(block, &mut read, &mut draft.left_out, cut)?;
                if words > WORDS {
                    return Err(Stop::Entry(
                        "It is too large to be one conversation.".into(),
                    ));
                }
            }
            draft.left_out += list(said.get("files")).len() as u64;
            draft.updated_ms = draft.updated_ms.max(read.ms.unwrap_or(0));
            line.place(&mut read, said);
            // What failed has no words.
            if read.text.is_empty() && read.reasoning.is_empty() {
                read.role = None;
            }
            draft.nodes.push(read);
        }
        draft.leaf = line.last;
        Ok(draft)
    }

    /// Adds what a block says, and tells how long that is.
    fn add(
        &mut self,
        id: &str,
        read: &mut Node,
        left_out: &mut u64,
        cut: bool,
    ) -> Result<usize, Stop> {
        let block = match self.blocks.get(&self.hasher.hash_one(id)) {
            Some(spot) => self.kept(*spot)?,
            None => Value::Null,
        };
        let part = |at: usize| block.get(at).and_then(Value::as_str);
        if part(0) != Some(id) {
            if cut {
                return Err(Stop::Entry("Its end is missing.".into()));
            }
            *left_out += 1;
            return Ok(0);
        }
        let words = part(2).unwrap_or_default();
        match part(1) {
            Some("text") => add(&mut read.text, words),
            Some("thought") => add(&mut read.reasoning, words),
            Some("aside") => {}
            _ => *left_out += 1,
        }
        Ok(words.len())
    }
}

/// The order of messages: one after the other, and answers of several models beside each other below their question.
#[derive(Default)]
struct Line {
    /// What the next message follows.
    last: Option<String>,
    /// The question that several may answer, and whether the answer that goes on is found.
    question: Option<String>,
    chosen: bool,
}

impl Line {
    fn place(&mut self, read: &mut Node, said: &Map<String, Value>) {
        let asked = some(text(said, "askId"));
        let beside =
            read.role == Some(Role::Assistant) && asked.is_some() && asked == self.question;
        if beside {
            read.parent = asked;
            let chosen = flag(said, "foldSelected") || flag(said, "useful");
            if chosen || !self.chosen {
                self.last = Some(read.id.clone());
            }
            self.chosen |= chosen;
        } else {
            read.parent = self.last.replace(read.id.clone());
            self.question = Some(read.id.clone());
            self.chosen = false;
        }
    }
}
