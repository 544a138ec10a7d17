//! Cherry Studio's backups.

use super::*;

fn backup(topics: &str, blocks: &str) -> String {
    let state = serde_json::json!({ "assistants": serde_json::json!({
        "defaultAssistant": { "topics": [] },
        "assistants": [{ "topics": [{ "id": "t", "name": "Cherries", "pinned": true,
            "createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:09.000Z" }] }],
    }).to_string() });
    let store = serde_json::json!({ "persist:cherry-studio": state.to_string() });
    format!(
        r#"{{"time":1,"version":5,"localStorage":{store},"indexedDB":{{"files":[{{"id":"f"}}],
        "topics":[{topics}],"settings":[],"message_blocks":[{blocks}],"notes_tree":{{}}}}}}"#
    )
}

const TOPIC: &str = r#"{"id":"t","messages":[
    {"id":"q","role":"user","createdAt":"2025-01-01T00:00:01Z","blocks":["b1","b2"]},
    {"id":"a1","role":"assistant","askId":"q","model":{"id":"x/one","provider":"p"},"blocks":["b3","b4"]},
    {"id":"a2","role":"assistant","askId":"q","modelId":"x/two","foldSelected":true,"blocks":["b5"]},
    {"id":"q2","role":"user","blocks":["b6"]},
    {"id":"a3","role":"assistant","askId":"q2","blocks":["b7"]}]}"#;
const BLOCKS: &str = r#"{"id":"b1","type":"main_text","content":"Sweet?"},{"id":"b2","type":"image","url":"x"},
    {"id":"b3","type":"thinking","content":"Hm"},{"id":"b4","type":"main_text","content":"One"},
    {"id":"b5","type":"main_text","content":"Two"},{"id":"b6","type":"code","content":"x = 1"},
    {"id":"b7","type":"error","error":{"message":"429"}}"#;

#[test]
fn topics_get_their_words_their_names_and_their_branches() {
    let (place, report) = brought("data.json", backup(TOPIC, BLOCKS));
    assert_eq!(report.sources, ["Cherry Studio"]);
    assert_eq!((report.added, report.messages, report.left_out), (1, 4, 1));
    let fence = "```\nx = 1\n```";
    assert_eq!(
        place.said(),
        [
            (Role::User, "Sweet?".into()),
            (Role::Assistant, "Two".into()),
            (Role::User, fence.into())
        ]
    );
    let id = place.history.everything(true).unwrap()[0];
    let conversation = place.history.conversation(id).unwrap();
    assert_eq!(
        (conversation.title.as_str(), conversation.pinned),
        ("Cherries", true)
    );
    let thread = place.history.thread(id, None).unwrap();
    assert_eq!(
        (thread[1].model.as_deref(), thread[1].sibling_count),
        (Some("x/two"), 2)
    );
    let left: Vec<_> = fs::read_dir(place.folder.path())
        .unwrap()
        .flatten()
        .collect();
    assert!(
        left.iter().all(|file| file.file_name() != "import.tmp"),
        "what waited is left behind"
    );
}

#[test]
fn before_its_seventh_database_messages_held_their_words() {
    let topic = r#"{"id":"t","messages":[{"id":"q","role":"user","content":"Sour?","files":[{}]},
        {"id":"a","role":"assistant","content":"Yes","reasoning_content":"Hm","askId":"q"}]}"#;
    let (place, report) = brought("data.json", backup(topic, ""));
    assert_eq!(
        place.said(),
        [
            (Role::User, "Sour?".into()),
            (Role::Assistant, "Yes".into())
        ]
    );
    assert_eq!((report.messages, report.left_out), (2, 1));
}

#[test]
fn a_backup_that_ends_early_brings_in_whole_topics_alone() {
    let topic = |id: &str| TOPIC.replace(r#""id":"t""#, &format!(r#""id":"{id}""#));
    let late = BLOCKS.replace("b7", "z");
    let file = backup(&format!("{},{}", topic("t"), topic("u")), &late);
    let place = Place::new();
    let whole = place.bring(&place.file("data.json", &file), false);
    assert_eq!(
        (whole.added, whole.left_out),
        (2, 4),
        "a block that is nowhere is counted"
    );
    for end in (file.len() / 2)..file.len() {
        let Some(part) = file.get(..end) else {
            continue;
        };
        let report = place.bring(&place.file("data.json", part), false);
        assert!(report.skipped_count > 0, "cut at {end}: {report:?}");
        assert!(
            report.messages == 0 || report.messages == whole.messages,
            "half a topic, cut at {end}: {report:?}"
        );
    }
}

#[test]
fn blocks_that_are_named_again_and_again_do_not_fill_the_memory() {
    let long = "x".repeat(1 << 20);
    let block = format!(r#"{{"id":"b","type":"main_text","content":"{long}"}}"#);
    // More than a conversation may hold, and less than a message may.
    let many = vec![r#""b""#; 40].join(",");
    let topic = format!(
        r#"{{"id":"t","messages":[{{"id":"q","role":"user","blocks":[{many}]}}]}},7,{{"id":"u","messages":
        [{{"id":"q","role":"user","blocks":["b"]}}]}}"#
    );
    let (_, report) = brought("data.json", backup(&topic, &block));
    assert_eq!((report.added, report.skipped_count), (1, 2), "{report:?}");
}
